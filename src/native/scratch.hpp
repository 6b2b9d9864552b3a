// Memory for the compiled code.
#pragma once

#include <algorithm>
#include <cstdint>
#include <new>

namespace equipoise {

// Memory aligned to a pack.
template <class Real>
struct Scratch {
    Real* memory;
    explicit Scratch(int64_t size) {
        memory = static_cast<Real*>(::operator new(sizeof(Real) * size_t(std::max<int64_t>(size, 1)), std::align_val_t(64)));
    }
    Scratch(const Scratch&) = delete;
    ~Scratch() { ::operator delete(memory, std::align_val_t(64)); }
};

}  // namespace equipoise
