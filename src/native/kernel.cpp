// (Perturbed) gradient descent for a pack of replicates; compiled once for each instruction set.
#include "build.hpp"
#include "draws.hpp"
#include "entries.hpp"
#include "entry_steps.hpp"
#include "law_steps.hpp"
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
    Pack<Real>& size_x, Pack<Real>& size_y
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
    size_x = update(of.target.forward[0], seen_q, p, m.gram_q, m.x, rank, on_x * all(of.factor), m.new_x);
    size_y = update(of.target.backward[0], seen_p, q, m.gram_p, m.y, rank, on_y * all(of.factor), m.new_y);
}

// The steps of a pack of replicates.
template <class Real>
struct Descent : Memory<Real> {
    const Experiment<Real>& of;
    const bool alone;
    Keys keys, now;
    Normals<Real> normals;

    Descent(const Experiment<Real>& of, const Group<Real>& group)
        : Memory<Real>(of, group.work), of(of), alone(group.replicates == 1) {}

    inline __attribute__((always_inline)) void step(
        int64_t number, const PerLane<Real>& sizes, const PerLane<Real>& deviations, Pack<Real>& sum_x, Pack<Real>& sum_y
    ) {
        const Real *p = this->x, *q = this->y;
        if (deviations.any) {
            const Pack<Real> on_x = load(deviations.on_x), on_y = load(deviations.on_y);
            step_keys(keys, number, now);
            if (alone) perturb<Real, true>(of, *this, now.k0, now.k1, on_x, on_y, normals);
            else perturb<Real, false>(of, *this, now.k0, now.k1, on_x, on_y, normals);
            p = this->p;
            q = this->q;
        }
        descend(of, *this, p, q, load(sizes.on_x), load(sizes.on_y), sum_x, sum_y);
        exchange(this->x, this->new_x);
        exchange(this->y, this->new_y);
    }
};

template <class Real>
static void advance(const Experiment<Real>& of, const Group<Real>& group) {
    Descent<Real> descent(of, group);
    walk(of, group, descent, descent.keys);
}

template <class Real>
constexpr Functions<Real> functions = {
    Lanes<Real>::count, Lanes<Real>::width, work_size<Real>,       advance<Real>,      law_work<Real>,
    law_advance<Real>,  normals_of<Real>,
    entry_rows<Real>,   entry_products<Real>, perturbed_rows<Real>, moved<Real>,
};

#define EQ_TEXT(x) #x
#define EQ_NAME(x) EQ_TEXT(x)

extern const Build build;
const Build build = {EQ_NAME(EQ_ISA), functions<double>, functions<float>};

}  // namespace equipoise::EQ_ISA
