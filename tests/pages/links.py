"""Links that must open for ever, as lecturers have them on their slides: what they say, and what they stand for.

Add to the list; never change or take out what is in it.
"""

FOR_EVER = {
    "pages/gradient_flow.py": [
        (
            "v=1&gf_section=Margins&gf_data=Two+Gaussians&gf_depth=1&gf_norm=2&gf_ratio=1%2C+equal&gf_flipped=0"
            "&gf_flow=Plain&gf_target=10%E2%81%BB%E2%81%B8%E2%81%B0%E2%81%B0&gf_width=16&gf_samples=20&gf_noise=0.3"
            "&gf_bias=false&gf_dataseed=2&gf_seed=0&gf_axis=Time+t&gf_early=true",
            {"gf_section": "Margins", "gf_data": "gaussians", "gf_depth": 1, "gf_samples": 20, "gf_dataseed": 2},
        ),
        ("gf_ratio=4&gf_axis=Loss+L", {"gf_ratio": 4.0, "gf_axis": "loss"}),  # before links had a version
    ],
    "pages/kernels.py": [
        (
            "v=1&ke_section=2.2+RBF&ke_degree=2&ke_poly_depth=3&ke_poly_norm=1%2C+unit+sphere&ke_gamma2=4"
            "&ke_rbf_depth=20&ke_r=1.5&ke_n=1&ke_angle=70&ke_width=1+000&ke_weights=Gaussian&ke_bias=0&ke_seed=0"
            "&ke_depth=20&ke_net_width=300&ke_depth_norm=1%2C+unit+sphere&ke_data=Sine%2C+one+period"
            "&ke_machine_depth=1&ke_prior=false&ke_noise=0.1&ke_sphere=true&ke_samples=12&ke_data_noise=0.1"
            "&ke_data_seed=0&ke_draws_seed=0",
            {"ke_section": "2.2 RBF", "ke_gamma2": 4.0, "ke_rbf_depth": 20, "ke_r": 1.5},
        ),
        ("ke_section=Depth&ke_depth=50&ke_n=2", {"ke_section": "Depth", "ke_depth": 50, "ke_n": 2}),
    ],
    "pages/neural_collapse.py": [
        (
            "v=1&nc_section=NC1+%2B+NC2+%E2%87%92+NC3+%2B+NC4&nc_noise=10%E2%81%BB%E2%81%B5&nc_sampled=true"
            "&nc_ridge=0.001&nc_classes=3",
            {
                "nc_section": "NC1 + NC2 ⇒ NC3 + NC4",
                "nc_noise": 1e-5,
                "nc_sampled": True,
                "nc_ridge": 1e-3,
                "nc_classes": 3,
            },
        ),
        ("nc_section=Decision+regions&nc_classes=3&nc_p=2&nc_departure=0.6", {"nc_p": 2, "nc_departure": 0.6}),
    ],
}
