// The choice among the builds for the instruction sets, made on the machine that runs.
#include <cstring>

#include "build.hpp"

namespace equipoise {

namespace plain {
extern const Build build;
}
#ifdef EQ_X86
namespace avx2 {
extern const Build build;
}
namespace avx512 {
extern const Build build;
}
#endif

namespace {

struct Choice {
    const Build* build;
    bool runs;
};

}  // namespace

const Build* build_for(const char* name) {
#ifdef EQ_X86
    __builtin_cpu_init();
    const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                            __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
    const Choice choices[] = {{&avx512::build, has_avx512}, {&avx2::build, has_avx2}, {&plain::build, true}};
#else
    const Choice choices[] = {{&plain::build, true}};
#endif
    for (const Choice& choice : choices)
        if (choice.runs && (!*name || !std::strcmp(name, choice.build->name))) return choice.build;
    return nullptr;
}

}  // namespace equipoise
