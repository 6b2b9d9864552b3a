// What the parts of the Python module share: arrays in, errors out.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <stdexcept>
#include <string>

#include "build.hpp"

namespace equipoise {

namespace nb = nanobind;
using namespace nb::literals;

template <class T, class... Shape>
using Array = nb::ndarray<T, Shape..., nb::c_contig, nb::device::cpu>;
template <class T>
using Numbers = Array<const T, nb::ndim<1>>;

inline const Build& build_named(const std::string& name) {
    const Build* found = build_for(name.c_str());
    if (!found) throw std::invalid_argument("this processor cannot run the build " + name);
    return *found;
}

void define_completion(nb::module_& m);
void define_ensemble(nb::module_& m);
void define_entries(nb::module_& m);
void define_law(nb::module_& m);
void define_normals(nb::module_& m);

}  // namespace equipoise
