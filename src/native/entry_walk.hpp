// The descent of one replicate at known entries, by one thread or by several together.
#pragma once

#include "build.hpp"
#include "parts.hpp"
#include "phases.hpp"
#include "scratch.hpp"

namespace equipoise {

// One factor: before and after a step, in turns, and as the gradient sees it, with noise.
template <class Real>
struct Side {
    int rows, padded;
    Real on_gradient = 0;
    std::vector<int> parts, noise_parts;  // the first row of each
    std::vector<Real> sizes;  // Σ |new| of each part
    Scratch<Real> place[2], noisy;

    Side(const Observed<Real>& of, int padded, int parts_of_pass, bool has_noise)
        : rows(of.rows), padded(padded), parts(even_parts(of.start, of.rows, parts_of_pass)),
          noise_parts(equal_parts(of.rows, std::min(of.rows, parts_of_pass))), sizes(parts.size() - 1),
          place{Scratch<Real>(size()), Scratch<Real>(size())}, noisy(has_noise ? size() : 0) {
        std::fill_n(place[0].memory, size(), Real(0));
        if (has_noise) std::fill_n(noisy.memory, size(), Real(0));
    }

    int64_t size() const { return int64_t(rows) * padded; }
    int count() const { return int(parts.size()) - 1; }
    int noise_count() const { return int(noise_parts.size()) - 1; }

    // To or from rows without padding.
    void read(const Real* from, int width) {
        for (int64_t row = 0; row < rows; ++row) std::copy_n(from + row * width, width, place[0].memory + row * padded);
    }
    void write(int64_t step, int width, Real* to) const {
        const Real* from = place[step % 2].memory;
        for (int64_t row = 0; row < rows; ++row) std::copy_n(from + row * padded, width, to + row * width);
    }

    bool bounded(double limit) const {
        Real sum = 0;
        for (Real size : sizes) sum += size;
        return double(sum) <= limit;  // false for NaN
    }
};

// The factors x, y of a replicate are read, and written at the end; seen_x, seen_y: where its positions at looks go; key: of
// its noise. of_case: the case whose numbers are its own. `serve` may be called from several threads at once.
template <class Real>
class EntryWalk {
  public:
    EntryWalk(
        const Completion<Real>& of, const Functions<Real>& run, int parts, const uint32_t* key, int64_t of_case, Real* x, Real* y,
        Real* seen_x, Real* seen_y
    )
        : of_(of), run_(run), key_(key), case_(of_case), at_{x, y}, seen_{seen_x, seen_y},
          sides_{{of.by_rows, of.by_rows.vectors * run.vector_width, parts, of.deviations != nullptr},
                 {of.by_columns, of.by_rows.vectors * run.vector_width, parts, of.deviations != nullptr}},
          phases_({of.deviations ? sides_[0].noise_count() + sides_[1].noise_count() : 0, sides_[0].count() + sides_[1].count(), 1}) {
        for (int side : {0, 1}) sides_[side].read(at_[side], of.width);
        see(0);
    }

    void serve(const volatile int& stop) {
        const int64_t steps = of_.looks ? of_.visits[of_.looks - 1] : 0;
        phases_.serve(steps, stop, [this](int64_t step, int phase, int part) {
            if (phase == 0) perturb(step, part);
            else if (phase == 1) move(step, part);
            else end(step);
        });
    }

    // Writes the last bounded factors; returns the number of the step after which they were not bounded, else −1.
    int64_t finish() {
        for (int side : {0, 1}) sides_[side].write(taken_, of_.width, at_[side]);
        return lost_after_;
    }

  private:
    // Where the numbers of this replicate begin in a row of those of all cases.
    int64_t place(int64_t varying, int64_t step) const { return 2 * ((varying ? of_.cases * step : 0) + case_); }
    const Real* deviations(int64_t step) const {
        return of_.deviations ? of_.deviations + place(of_.varying_deviations, step) : nullptr;
    }
    bool noisy(int64_t step) const {
        const Real* at = deviations(step);
        return at && (at[0] != 0 || at[1] != 0);
    }

    void perturb(int64_t step, int part) {
        if (!noisy(step)) return;
        const int which = part < sides_[0].noise_count() ? 0 : 1;
        Side<Real>& side = sides_[which];
        const int own = which ? part - sides_[0].noise_count() : part;
        const int64_t before = which ? int64_t(sides_[0].rows) * of_.width : 0;
        run_.perturb(
            key_, of_.first + step, before, of_.width, side.padded, deviations(step)[which], side.noise_parts[own],
            side.noise_parts[own + 1], side.place[step % 2].memory, side.noisy.memory
        );
    }

    // new = old − η c (residuals) Q for rows of X, and with P for rows of Y.
    void move(int64_t step, int part) {
        const int which = part < sides_[0].count() ? 0 : 1;
        Side<Real>& side = sides_[which];
        const int own = which ? part - sides_[0].count() : part, first = side.parts[own], last = side.parts[own + 1];
        Real* to = side.place[(step + 1) % 2].memory;
        const Real* seen[2];
        for (int i : {0, 1}) seen[i] = noisy(step) ? sides_[i].noisy.memory : sides_[i].place[step % 2].memory;
        run_.entry_rows(which ? of_.by_columns : of_.by_rows, first, last, seen[which], seen[1 - which], nullptr, to);
        const Real size = of_.step_sizes[place(of_.varying_steps, step) + which] * of_.factor;
        const int64_t begin = int64_t(first) * side.padded, end = int64_t(last) * side.padded;
        side.sizes[own] = run_.move(side.place[step % 2].memory, size, begin, end, to);
    }

    void end(int64_t step) {
        if (!sides_[0].bounded(of_.limit) || !sides_[1].bounded(of_.limit)) {
            lost_after_ = of_.first + step + 1;
            phases_.end();
            return;
        }
        taken_ = step + 1;
        see(taken_);
    }

    void see(int64_t taken) {
        for (; look_ < of_.looks && of_.visits[look_] == taken; ++look_) {
            sides_[0].write(taken, of_.width, seen_[0] + look_ * of_.stride_x);
            sides_[1].write(taken, of_.width, seen_[1] + look_ * of_.stride_y);
        }
    }

    const Completion<Real>& of_;
    const Functions<Real>& run_;
    const uint32_t* key_;
    int64_t case_;
    Real* at_[2];
    Real* seen_[2];
    Side<Real> sides_[2];
    Phases phases_;
    int64_t taken_ = 0, look_ = 0, lost_after_ = -1;
};

}  // namespace equipoise
