// Consecutive standard normal numbers of all lanes, a block at a time.
#pragma once

#include "normal.hpp"
#include "threefry.hpp"

namespace equipoise::EQ_ISA {

constexpr int BLOCK = 16;  // numbers of each lane in a block

template <class Real>
struct Normals {
    static constexpr int lanes = Lanes<Real>::count;
    static constexpr int many = Lanes<Real>::vectors < 4 ? 4 / Lanes<Real>::vectors : 1;  // four vectors at a time
    alignas(PACK_BYTES) uint32_t high[BLOCK * lanes], low[BLOCK * lanes];
    alignas(PACK_BYTES) Real u[BLOCK * lanes], w[BLOCK * lanes], z[BLOCK * lanes];

    // Fills z with the numbers `first`, `first` + 1, … of the streams whose keys are k0, k1, at least `count` of them.
    EQ_INLINE void draw(Normals& at, const uint32_t* k0, const uint32_t* k1, uint32_t first, int count) {
        if (count > BLOCK / 2) {
            random_bits<lanes, BLOCK>(k0, k1, first, at.high, at.low);
        } else {
            random_bits<lanes, BLOCK / 2>(k0, k1, first, at.high, at.low);
        }
        from_bits(at, count, at.z);
    }

    // Fills z with the BLOCK · lanes numbers from `first` on of the one stream whose key is in all of k0, k1.
    EQ_INLINE void draw_alone(Normals& at, const uint32_t* k0, const uint32_t* k1, uint32_t first) {
        random_bits<1, BLOCK * lanes>(k0, k1, first, at.high, at.low);
        from_bits(at, BLOCK, at.z);
    }

    // Writes numbers `first` … of consecutive steps, whose keys take turns in k0, k1: those of all steps, then the next
    // number; at most TOGETHER, with room for 5 more packs. Returns whether all are in the central range.
    EQ_INLINE bool draw_steps(Normals& at, const uint32_t* k0, const uint32_t* k1, uint32_t first, int numbers, Real* to) {
        step_bits(k0, k1, first, numbers, at.high, at.low);
        return from_bits<side_by_side, true>(at, numbers * STEPS, to);
    }

    static constexpr int STEPS = KEY_WORDS / lanes;  // that are drawn together
    static constexpr int TOGETHER = 12 / STEPS;  // numbers of a step that are drawn together

  private:
    static constexpr int side_by_side = Lanes<Real>::vectors == 1 ? 6 : 2;  // where there are registers for them

    // Writes `count` packs of numbers to z, and with them up to many − 1 more.
    template <int many = Normals::many, bool in_turn = false>
    EQ_INLINE bool from_bits(Normals& at, int count, Real* z) {
        Pack<Real, many> largest = all<many>(Real(0));
        for (int i = 0; i < count; i += many) {
            Pack<Real, many> u;
            if constexpr (in_turn) u = uniform_in_turn<many>(at.high + i * lanes, at.low + i * lanes, Real());
            else u = uniform<many>(at.high + i * lanes, at.low + i * lanes, Real());
            const Pack<Real, many> w = minus_log(all<many>(Real(1)) - rounded(u * u));
            const Pack<Real, many> p = horner(Giles<Real>::central, w - all<many>(Giles<Real>::central_shift));
            largest = larger(largest, w);
            store(at.u + i * lanes, u);
            store(at.w + i * lanes, w);
            store(z + i * lanes, all<many>(Giles<Real>::root_two) * (p * u));
        }
        if (all_at_most(largest, Giles<Real>::central_end)) return true;
        for (int i = 0; i < count * lanes; ++i)
            if (!(at.w[i] < Giles<Real>::central_end)) z[i] = tail(at.u[i], at.w[i]);
        return false;
    }
};

// The numbers `first` … of the stream of one key.
template <class Real>
static void normals_of(const uint32_t* key, int64_t first, int64_t count, Real* to) {
    constexpr int size = BLOCK * Lanes<Real>::count;
    alignas(PACK_BYTES) uint32_t k0[KEY_WORDS], k1[KEY_WORDS];
    for (int i = 0; i < KEY_WORDS; ++i) {
        k0[i] = key[0];
        k1[i] = key[1];
    }
    Normals<Real> normals;
    for (int64_t done = 0; done < count; done += size) {
        Normals<Real>::draw_alone(normals, k0, k1, uint32_t(first + done));
        const int64_t wanted = count - done < size ? count - done : size;
        for (int64_t i = 0; i < wanted; ++i) to[done + i] = normals.z[i];
    }
}

}  // namespace equipoise::EQ_ISA
