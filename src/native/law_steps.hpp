// (Perturbed) gradient descent at rank 1 in reduced coordinates, exactly in law.
//
// X has p on the singular vectors of M and one coordinate r ≥ 0 beside them; noise reaches further dimensions, in which its
// length alone matters. With the perturbed coordinates p̃, r̃, t of X and g = ‖q̃‖² + r̃'² + t'² of Y the step is
//
//     p ← p − ηc (p̃ g − σ q̃),    r ← √((r − ηc r̃ g)² + (ηc t g)²).
#pragma once

#include "draws.hpp"
#include "lanes.hpp"

namespace equipoise::EQ_ISA {

// One length for each normal number; `central` says that none of them is large.
template <class Real>
EQ_INLINE Pack<Real> lengths(const Lengths<Real>& of, int first, Pack<Real> z, bool central) {
    constexpr int lanes = Lanes<Real>::count;
    const Real *above = of.pieces, *below = of.pieces + 2 * of.terms;
    const Pack<Real> size = magnitude(z), t = size * all(2 / of.inner) - all(Real(1));
    Pack<Real> found = where_negative(z, all(below[first]), all(above[first]));
    for (int i = first + 1; i < of.terms; ++i) found = found * t + where_negative(z, all(below[i]), all(above[i]));
    if (central) return found;
    alignas(PACK_BYTES) Real one_by_one[lanes];
    store(one_by_one, found);
    for (int lane = 0; lane < lanes; ++lane) {
        if (!(at(size, lane) > of.inner)) continue;
        const Real* piece = (at(z, lane) < 0 ? below : above) + of.terms;
        const Real there = (at(size, lane) - of.inner) * (2 / (of.outer - of.inner)) - 1;
        Real sum = piece[0];
        for (int i = 1; i < of.terms; ++i) sum = sum * there + piece[i];
        one_by_one[lane] = sum;
    }
    return load(one_by_one);
}

template <class Real>
static int64_t law_work(const Reduced<Real>& of) {
    const int64_t rows = int64_t(of.experiment.d1) + of.experiment.d2;
    return (3 * rows + (rows + 2) * Normals<Real>::STEPS + 5) * Lanes<Real>::count;
}

// The steps of a pack of replicates.
template <class Real>
struct LawDescent {
    static constexpr int lanes = Lanes<Real>::count, STEPS = Normals<Real>::STEPS, apart = STEPS * lanes;
    const Reduced<Real>& of;
    const int d1, d2;
    Real *x, *y, *new_x, *new_y, *p, *q, *z;
    int first_term[2];
    int64_t drawn = -STEPS;  // the first step whose numbers are in z, long ago if there is none
    Keys keys, in_turn, now;  // in_turn: those of each lane, once for each step that is drawn together
    Normals<Real> normals;

    LawDescent(const Reduced<Real>& of, Real* work) : of(of), d1(of.experiment.d1), d2(of.experiment.d2) {
        Real** arrays[] = {&x, &y, &new_x, &new_y, &p, &q, &z};
        for (int i = 0; i < 7; ++i) {
            *arrays[i] = work;
            work += int64_t(i % 2 ? d2 : d1) * lanes;
        }
        for (int64_t i = 0; i < (d1 + d2 + 2) * int64_t(apart); ++i) z[i] = 0;  // read, and multiplied by 0, without noise
        for (int side = 0; side < 2; ++side) {
            const Lengths<Real>& further = of.further[side];
            int& first = first_term[side] = 0;  // leading zeros are passed over
            if (!further.pieces) continue;
            while (first + 1 < further.terms && further.pieces[first] == 0 && further.pieces[2 * further.terms + first] == 0) ++first;
        }
    }

    // The numbers of step `number` and of those after it that are drawn together.
    inline __attribute__((always_inline)) void draw(int64_t number) {
        constexpr int together = Normals<Real>::TOGETHER;
        const int rows = d1 + d2, total = rows + (of.further[0].pieces != nullptr) + (of.further[1].pieces != nullptr);
        for (int i = 0; drawn < 0 && i < KEY_WORDS; ++i) {  // the first time
            in_turn.k0[i] = keys.k0[i / STEPS];
            in_turn.k1[i] = keys.k1[i / STEPS];
        }
        step_keys<STEPS>(in_turn, number, now);
        bool central = true;
        for (int first = 0; first < total; first += together) {
            const int count = total - first < together ? total - first : together;
            Real* to = z + int64_t(first) * apart;
            central = Normals<Real>::draw_steps(normals, now.k0, now.k1, uint32_t(first), count, to) && central;
        }
        Real* here = z + int64_t(rows) * apart;
        for (int side = 0; side < 2; ++side) {
            if (!of.further[side].pieces) continue;
            for (int i = 0; i < STEPS; ++i, here += lanes)
                store(here, lengths(of.further[side], first_term[side], load(here), central));
        }
        drawn = number;
    }

    // to = from + deviation · z; returns the sum of squares.
    inline __attribute__((always_inline)) Pack<Real> perturb(const Real* from, const Real* numbers, Pack<Real> deviation, int count, Real* to) {
        Pack<Real> squares = all(Real(0));
        for (int i = 0; i < count; ++i) {
            const Pack<Real> moved = load(from + i * lanes) + deviation * load(numbers + i * apart);
            squares = squares + moved * moved;
            store(to + i * lanes, moved);
        }
        return squares;
    }

    // One factor after the step, from the perturbed factors and the squared norm of the other; returns the sum of magnitudes.
    inline __attribute__((always_inline)) Pack<Real> moved(
        const Real* from, const Real* own, const Real* other, Pack<Real> squares, Pack<Real> step, Pack<Real> length, bool folds,
        int count, Real* to
    ) {
        Pack<Real> size = all(Real(0));
        for (int i = 0; i < of.on; ++i) {
            const Pack<Real> gradient = load(own + i * lanes) * squares - all(of.singular_values[i]) * load(other + i * lanes);
            const Pack<Real> there = load(from + i * lanes) - step * gradient;
            size = size + magnitude(there);
            store(to + i * lanes, there);
        }
        if (count == of.on) return size;
        const int64_t last = int64_t(of.on) * lanes;
        Pack<Real> there = load(from + last) - step * (load(own + last) * squares);
        const Pack<Real> beyond = step * (length * squares);
        if (folds) there = square_root(there * there + beyond * beyond);
        store(to + last, there);
        return size + magnitude(there);
    }

    inline __attribute__((always_inline)) void step(
        int64_t number, const PerLane<Real>& sizes, const PerLane<Real>& deviations, Pack<Real>& sum_x, Pack<Real>& sum_y
    ) {
        const bool folds_x = of.further[0].pieces, folds_y = of.further[1].pieces;
        const Pack<Real> on_x = load(deviations.on_x), on_y = load(deviations.on_y), none = all(Real(0));
        Pack<Real> length_x = none, length_y = none;
        if (deviations.any && number - drawn >= STEPS) draw(number);
        const Real* numbers = z + (deviations.any ? number - drawn : 0) * lanes;
        const Pack<Real> squares_x = perturb(x, numbers, on_x, d1, p), squares_y = perturb(y, numbers + d1 * apart, on_y, d2, q);
        const Real* further = numbers + int64_t(d1 + d2) * apart;
        if (folds_x) length_x = on_x * load(further);
        if (folds_y) length_y = on_y * load(further + folds_x * apart);
        const Pack<Real> factor = all(of.experiment.factor), step_x = load(sizes.on_x) * factor, step_y = load(sizes.on_y) * factor;
        sum_x = moved(x, p, q, squares_y + length_y * length_y, step_x, length_x, folds_x, d1, new_x);
        sum_y = moved(y, q, p, squares_x + length_x * length_x, step_y, length_y, folds_y, d2, new_y);
        exchange(x, new_x);
        exchange(y, new_y);
    }
};

template <class Real>
static void law_advance(const Reduced<Real>& of, const Group<Real>& group) {
    LawDescent<Real> descent(of, group.work);
    walk(of.experiment, group, descent, descent.keys);
}

}  // namespace equipoise::EQ_ISA
