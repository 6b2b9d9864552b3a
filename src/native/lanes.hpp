// The replicates of a pack, each in its lane: how they get there, step, are seen, and leave.
#pragma once

#include "ensemble.hpp"
#include "threefry.hpp"

namespace equipoise::EQ_ISA {

// Lane by lane: the factor of a replicate to or from its place among the packs.
template <class Real>
static void gather(const Real* from, int64_t size, int lane, Real* to) {
    for (int64_t i = 0; i < size; ++i) to[i * Lanes<Real>::count + lane] = from[i];
}

template <class Real>
static void scatter(const Real* from, int64_t size, int lane, Real* to) {
    for (int64_t i = 0; i < size; ++i) to[i] = from[i * Lanes<Real>::count + lane];
}

template <class T>
EQ_INLINE void exchange(T& one, T& other) {
    const T kept = one;
    one = other;
    other = kept;
}

// The numbers of both factors for each lane, from a row of those of all cases.
template <class Real>
struct PerLane {
    static constexpr int lanes = Lanes<Real>::count;
    alignas(PACK_BYTES) Real on_x[lanes] = {}, on_y[lanes] = {};
    bool any = false;

    void read(const Real* row, const int64_t* of_case) {
        any = false;
        for (int lane = 0; lane < lanes; ++lane) {
            on_x[lane] = row[2 * of_case[lane]];
            on_y[lane] = row[2 * of_case[lane] + 1];
            any = any || on_x[lane] != 0 || on_y[lane] != 0;
        }
    }
};

// The keys of the lanes, repeated if there are fewer lanes than words.
struct Keys {
    alignas(PACK_BYTES) uint32_t k0[KEY_WORDS], k1[KEY_WORDS];
};

// The keys of steps number `step` …, as many as take turns in the words: the counter (0, step) encrypted by the keys of the
// replicates.
template <int steps = 1>
EQ_INLINE void step_keys(const Keys& of, int64_t step, Keys& to) {
    typedef Vector<uint32_t> Words;
    constexpr int width = EQ_VECTOR_BYTES / 4;
    Words later;
    for (int j = 0; j < width; ++j) later[j] = uint32_t(j % steps);
    for (int i = 0; i < KEY_WORDS / width; ++i) {
        Words x0[] = {Words{}}, x1[] = {later + uint32_t(step)};
        threefry(reinterpret_cast<const Words*>(of.k0)[i], reinterpret_cast<const Words*>(of.k1)[i], x0, x1);
        reinterpret_cast<Words*>(to.k0)[i] = x0[0];
        reinterpret_cast<Words*>(to.k1)[i] = x1[0];
    }
}

// Takes a pack of replicates along the steps of an experiment. A method has the arrays x and y of packs, and
// step(number, sizes, deviations, sum_x, sum_y), which moves them, keeps where they were in new_x and new_y, and gives
// the sums of magnitudes; the deviations are those of the noise, and any of them is not 0 if it has noise.
template <class Real, class Method>
static void walk(const Experiment<Real>& of, const Group<Real>& group, Method& m, Keys& keys) {
    constexpr int lanes = Lanes<Real>::count;
    const int64_t size_x = int64_t(of.d1) * of.rank, size_y = int64_t(of.d2) * of.rank;
    bool open[lanes];
    int running = group.replicates;
    int64_t of_case[lanes];
    PerLane<Real> sizes, deviations;
    for (int lane = 0; lane < lanes; ++lane) {
        const int of_lane = lane < group.replicates ? lane : 0;  // spare lanes repeat the first, and are not read
        gather(group.x[of_lane], size_x, lane, m.x);
        gather(group.y[of_lane], size_y, lane, m.y);
        open[lane] = lane < group.replicates;
        of_case[lane] = group.of_case[of_lane];
        for (int i = lane; i < KEY_WORDS; i += lanes) {
            keys.k0[i] = group.keys[2 * of_lane];
            keys.k1[i] = group.keys[2 * of_lane + 1];
        }
    }
    if (!of.varying_steps) sizes.read(of.step_sizes, of_case);
    if (of.deviations && !of.varying_deviations) deviations.read(of.deviations, of_case);
    int64_t look = 0;
    const auto see = [&](int64_t taken) {
        for (; look < of.looks && of.visits[look] == taken; ++look)
            for (int lane = 0; lane < group.replicates; ++lane) {
                if (!open[lane]) continue;
                scatter(m.x, size_x, lane, group.seen_x[lane] + look * of.stride_x);
                scatter(m.y, size_y, lane, group.seen_y[lane] + look * of.stride_y);
            }
    };
    const auto leave = [&](int lane, const Real* x, const Real* y) {
        scatter(x, size_x, lane, group.x[lane]);
        scatter(y, size_y, lane, group.y[lane]);
    };
    see(0);
    for (int64_t i = 0; i < of.count && running && !*group.stop; ++i) {
        const int64_t row = 2 * of.cases * i;
        if (of.varying_steps) sizes.read(of.step_sizes + row, of_case);
        if (of.deviations && of.varying_deviations) deviations.read(of.deviations + row, of_case);
        Pack<Real> sum_x, sum_y;
        m.step(of.first + i, sizes, deviations, sum_x, sum_y);
        if (!all_at_most(beside(sum_x, sum_y), Real(of.limit))) {
            for (int lane = 0; lane < group.replicates; ++lane) {
                if (!open[lane] || (at(sum_x, lane) <= Real(of.limit) && at(sum_y, lane) <= Real(of.limit))) continue;
                leave(lane, m.new_x, m.new_y);
                group.ended[lane] = of.first + i + 1;
                open[lane] = false;
                --running;
            }
        }
        see(i + 1);
    }
    for (int lane = 0; lane < group.replicates; ++lane)
        if (open[lane]) leave(lane, m.x, m.y);
}

}  // namespace equipoise::EQ_ISA
