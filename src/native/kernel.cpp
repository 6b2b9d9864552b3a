// (Perturbed) gradient descent for a pack of replicates; compiled once for each instruction set.
#include "build.hpp"
#include "draws.hpp"
#include "entries.hpp"
#include "entry_steps.hpp"
#include "products.hpp"

namespace equipoise::EQ_ISA {

// Where each array of a pack of replicates lies in the scratch memory.
template <class Real>
struct Memory {
    static constexpr int lanes = Lanes<Real>::count;
    Real *x, *y, *new_x, *new_y, *p, *q, *gram_p, *gram_q, *thin_p, *thin_q;
    int64_t size;

    Memory(const Experiment<Real>& of, Real* base) {
        const int64_t r = of.rank, one = int64_t(of.d1) * r * lanes, other = int64_t(of.d2) * r * lanes;
        const int64_t between = of.target.stages == 2 ? int64_t(of.target.forward[1].rows) * r * lanes : 0;
        const int64_t sizes[] = {one, other, one, other, one, other, r * r * lanes, r * r * lanes, between, between};
        Real** arrays[] = {&x, &y, &new_x, &new_y, &p, &q, &gram_p, &gram_q, &thin_p, &thin_q};
        size = 0;
        for (int i = 0; i < 10; ++i) {
            *arrays[i] = base ? base + size : nullptr;
            size += sizes[i];
        }
    }
};

template <class Real>
static int64_t work_size(const Experiment<Real>& of) {
    return Memory<Real>(of, nullptr).size;
}

// Lane by lane: the factor of a replicate to or from its place among the packs.
template <class Real>
static void gather(const Real* from, int64_t size, int lane, Real* to) {
    for (int64_t i = 0; i < size; ++i) to[i * Lanes<Real>::count + lane] = from[i];
}

template <class Real>
static void scatter(const Real* from, int64_t size, int lane, Real* to) {
    for (int64_t i = 0; i < size; ++i) to[i] = from[i * Lanes<Real>::count + lane];
}

// The keys of step number `step`: the counter (0, step) encrypted by the keys of the replicates.
EQ_INLINE void step_keys(const uint32_t* k0, const uint32_t* k1, int64_t step, uint32_t* to0, uint32_t* to1) {
    typedef Vector<uint32_t> Words;
    for (int i = 0; i < KEY_WORDS * 4 / EQ_VECTOR_BYTES; ++i) {
        Words x0[] = {Words{}}, x1[] = {Words{} + uint32_t(step)};
        threefry(reinterpret_cast<const Words*>(k0)[i], reinterpret_cast<const Words*>(k1)[i], x0, x1);
        reinterpret_cast<Words*>(to0)[i] = x0[0];
        reinterpret_cast<Words*>(to1)[i] = x1[0];
    }
}

// to = from + deviation · z for `count` entries, with a deviation for each lane; if `alone`, all lanes are one replicate, and z has one number for each.
template <class Real, bool alone>
EQ_INLINE void shift(const Real* from, const Real* z, Pack<Real> deviation, int64_t count, Real* to) {
    constexpr int lanes = Lanes<Real>::count;
    for (int64_t i = 0; i < count; ++i) {
        const Pack<Real> number = alone ? all(z[i]) : load(z + i * lanes);
        store(to + i * lanes, load(from + i * lanes) + rounded(deviation * number));
    }
}

// P = X + noise, Q = Y + noise: the stream runs through the entries of X, then through those of Y.
template <class Real, bool alone>
static void perturb(
    const Experiment<Real>& of, const Memory<Real>& m, const uint32_t* k0, const uint32_t* k1, Pack<Real> on_x,
    Pack<Real> on_y,
    Normals<Real>& normals
) {
    constexpr int lanes = Lanes<Real>::count, block = alone ? BLOCK * lanes : BLOCK, each = alone ? 1 : lanes;
    const int64_t split = int64_t(of.d1) * of.rank, total = split + int64_t(of.d2) * of.rank;
    for (int64_t first = 0; first < total; first += block) {
        const int64_t count = first + block < total ? block : total - first;
        if (alone) Normals<Real>::draw_alone(normals, k0, k1, uint32_t(first));
        else Normals<Real>::draw(normals, k0, k1, uint32_t(first), int(count));
        const int64_t of_x = split <= first ? 0 : split - first < count ? split - first : count;
        if (of_x) shift<Real, alone>(m.x + first * lanes, normals.z, on_x, of_x, m.p + first * lanes);
        if (of_x == count) continue;
        const int64_t place = (first + of_x - split) * lanes;
        shift<Real, alone>(m.y + place, normals.z + of_x * each, on_y, count - of_x, m.q + place);
    }
}

// new = old − η c (P QᵀQ − M Q) and the same for Y with MᵀP, from the gradients at (p, q).
template <class Real>
static void descend(
    const Experiment<Real>& of, const Memory<Real>& m, const Real* p, const Real* q, Pack<Real> on_x, Pack<Real> on_y,
    Real* size_x, Real* size_y
) {
    const int rank = of.rank, last = of.target.stages - 1;
    const Real *seen_q = q, *seen_p = p;
    if (last == 1) {
        product(of.target.forward[1], q, rank, m.thin_q);
        product(of.target.backward[1], p, rank, m.thin_p);
        seen_q = m.thin_q;
        seen_p = m.thin_p;
    }
    gram_of(p, of.d1, rank, m.gram_p);
    gram_of(q, of.d2, rank, m.gram_q);
    store(size_x, update(of.target.forward[0], seen_q, p, m.gram_q, m.x, rank, on_x * all(of.factor), m.new_x));
    store(size_y, update(of.target.backward[0], seen_p, q, m.gram_p, m.y, rank, on_y * all(of.factor), m.new_y));
}

// The numbers of both factors for each lane, from a row of those of all cases.
template <class Real>
struct PerLane {
    static constexpr int lanes = Lanes<Real>::count;
    alignas(PACK_BYTES) Real on_x[lanes], on_y[lanes];
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

template <class Real>
static void advance(const Experiment<Real>& of, const Group<Real>& group) {
    constexpr int lanes = Lanes<Real>::count;
    Memory<Real> m(of, group.work);
    const int64_t size_x = int64_t(of.d1) * of.rank, size_y = int64_t(of.d2) * of.rank;
    alignas(PACK_BYTES) uint32_t k0[KEY_WORDS], k1[KEY_WORDS], now0[KEY_WORDS], now1[KEY_WORDS];
    alignas(PACK_BYTES) Real sums_x[lanes], sums_y[lanes];
    Normals<Real> normals;
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
            k0[i] = group.keys[2 * of_lane];
            k1[i] = group.keys[2 * of_lane + 1];
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
    see(0);
    for (int64_t i = 0; i < of.count && running && !*group.stop; ++i) {
        const int64_t row = 2 * of.cases * i;
        if (of.varying_steps) sizes.read(of.step_sizes + row, of_case);
        if (of.deviations && of.varying_deviations) deviations.read(of.deviations + row, of_case);
        const Real *p = m.x, *q = m.y;
        if (deviations.any) {
            const Pack<Real> on_x = load(deviations.on_x), on_y = load(deviations.on_y);
            step_keys(k0, k1, of.first + i, now0, now1);
            if (group.replicates == 1) perturb<Real, true>(of, m, now0, now1, on_x, on_y, normals);
            else perturb<Real, false>(of, m, now0, now1, on_x, on_y, normals);
            p = m.p;
            q = m.q;
        }
        descend(of, m, p, q, load(sizes.on_x), load(sizes.on_y), sums_x, sums_y);
        for (int lane = 0; lane < group.replicates; ++lane) {
            const bool bounded = double(sums_x[lane]) <= of.limit && double(sums_y[lane]) <= of.limit;
            if (open[lane] && !bounded) {
                scatter(m.x, size_x, lane, group.x[lane]);
                scatter(m.y, size_y, lane, group.y[lane]);
                group.ended[lane] = of.first + i + 1;
                open[lane] = false;
                --running;
            }
        }
        Real* swapped = m.x;
        m.x = m.new_x;
        m.new_x = swapped;
        swapped = m.y;
        m.y = m.new_y;
        m.new_y = swapped;
        see(i + 1);
    }
    for (int lane = 0; lane < group.replicates; ++lane) {
        if (!open[lane]) continue;
        scatter(m.x, size_x, lane, group.x[lane]);
        scatter(m.y, size_y, lane, group.y[lane]);
    }
}

template <class Real>
constexpr Functions<Real> functions = {
    Lanes<Real>::count, Lanes<Real>::width, work_size<Real>,       advance<Real>,      normals_of<Real>,
    entry_rows<Real>,   entry_products<Real>, perturbed_rows<Real>, moved<Real>,
};

#define EQ_TEXT(x) #x
#define EQ_NAME(x) EQ_TEXT(x)

extern const Build build;
const Build build = {EQ_NAME(EQ_ISA), functions<double>, functions<float>};

}  // namespace equipoise::EQ_ISA
