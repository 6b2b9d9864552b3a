// The replicates of an ensemble that still run, in groups that share a pack.
#pragma once

#include "arrays.hpp"
#include "scratch.hpp"
#include "threads.hpp"

namespace equipoise {

// The arrays of an ensemble: factors, keys, endings, and the room for the positions at the looks.
template <class Real>
struct Ensemble {
    Array<Real, nb::ndim<3>> x, y;
    Array<const uint32_t, nb::ndim<2>> keys;
    Array<int64_t, nb::ndim<1>> ended;
    Array<Real, nb::ndim<4>> seen_x, seen_y;
    Numbers<int64_t> visits;
    Array<const Real, nb::ndim<3>> step_sizes, deviations;
    Numbers<int64_t> of_case;

    // The sizes, the schedules and the looks; the target is left out.
    Experiment<Real> experiment(double factor, double limit, int64_t first) const {
        Experiment<Real> of{};
        of.d1 = int(x.shape(1));
        of.d2 = int(y.shape(1));
        of.rank = int(x.shape(2));
        of.factor = Real(factor);
        of.cases = int64_t(step_sizes.shape(1));
        of.step_sizes = step_sizes.data();
        of.varying_steps = step_sizes.shape(0) > 1;
        of.deviations = deviations.shape(0) ? deviations.data() : nullptr;
        of.varying_deviations = deviations.shape(0) > 1;
        of.first = first;
        of.looks = int64_t(visits.shape(0));
        of.visits = visits.data();
        of.count = of.looks ? of.visits[of.looks - 1] : 0;
        of.stride_x = int64_t(x.shape(0)) * of.d1 * of.rank;
        of.stride_y = int64_t(x.shape(0)) * of.d2 * of.rank;
        of.limit = limit;
        return of;
    }

    // Runs `advance(group)` for groups of `lanes` replicates in threads, each with `work` numbers of memory.
    template <class Advance>
    void in_groups(int lanes, int64_t work, int threads, Advance advance) const {
        std::vector<Real*> at_x, at_y, at_seen_x, at_seen_y;
        std::vector<uint32_t> of_key;
        std::vector<int64_t> number, cases;
        const int64_t size_x = int64_t(x.shape(1) * x.shape(2)), size_y = int64_t(y.shape(1) * y.shape(2));
        for (size_t i = 0; i < x.shape(0); ++i) {
            if (ended.data()[i] >= 0) continue;
            at_x.push_back(x.data() + int64_t(i) * size_x);
            at_y.push_back(y.data() + int64_t(i) * size_y);
            at_seen_x.push_back(seen_x.data() + int64_t(i) * size_x);
            at_seen_y.push_back(seen_y.data() + int64_t(i) * size_y);
            of_key.push_back(keys.data()[2 * i]);
            of_key.push_back(keys.data()[2 * i + 1]);
            number.push_back(int64_t(i));
            cases.push_back(of_case.data()[i]);
        }
        const int running = int(number.size());
        std::vector<int64_t> when(size_t(running), -1);
        volatile int stop = 0;
        in_threads((running + lanes - 1) / lanes, threads, stop, [&](int group) {
            const int begin = group * lanes;
            const Scratch<Real> scratch(work);
            advance(Group<Real>{
                std::min(lanes, running - begin), &at_x[begin], &at_y[begin], &at_seen_x[begin], &at_seen_y[begin],
                &of_key[2 * begin], &cases[begin], &when[begin], scratch.memory, &stop
            });
        });
        for (int i = 0; i < running; ++i) ended.data()[number[i]] = when[i];
    }
};

}  // namespace equipoise
