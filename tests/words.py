"""Words that visitors give to their columns, classes and links, and that no place may take for more than words."""

WORDS = (
    "![i](http://evil.example/pixel.png)",
    "[l](http://evil.example/)",
    "[l](javascript:alert(1))",
    "http://evil.example/",
    "www.evil.example",
    "somebody@evil.example",
    "<img src=http://evil.example/pixel.png>",
    "<a href='http://evil.example'>a</a>",
    "<b>bold</b>",
    "&lt;b&gt; &amp; &copy;",
    "</script><script>alert(1)</script>",
    "<!-- comment",
    "# heading",
    "one\n\n# two",
    "one\n===",
    "    code",
    "> quote",
    "1) list",
    "- item",
    "a | b",
    "`code`",
    "**strong** _weak_ ~~gone~~",
    "$x^2$ and $$y$$",
    ":red[red] :smile: :material/home:",
    "a -> b <- c -- d >= e",
    "=1+1",
    "=cmd|'/C calc'!A0",
    "+1+cmd|'/C calc'!A0",
    "-1-cmd|'/C calc'!A0",
    "@SUM(A1:A9)",
    "\t=1+1",
    " =1+1",
    "'=1+1",
    "＝1+1",
    '""" + exit() + """',
    "'; exit() #",
    "a\\",
    "{x} %{x} {{Preset}} %s",
    "../../etc/passwd",
    "null",
)
"""Markdown, HTML, formulas, Python, templates of plotly and of format strings, names of files."""
NUMBERS = ("-1", "+1", "-1.5e-3", "7")
"""Words that are numbers, and begin as formulas do."""
EVIL = "evil.example"
"""In each of the words that point to somewhere."""
