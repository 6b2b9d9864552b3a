// The Python module.
#include "arrays.hpp"

NB_MODULE(_native, m) {
    nanobind::set_leak_warnings(false);  // the last problem is kept to the end
    equipoise::define_normals(m);
    equipoise::define_ensemble(m);
    equipoise::define_entries(m);
    equipoise::define_law(m);
    equipoise::define_completion(m);
    m.def(
        "build_for", [](const std::string& name) { return std::string(equipoise::build_named(name).name); },
        nanobind::arg("name")
    );
}
