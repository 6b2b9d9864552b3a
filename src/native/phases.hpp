// Rounds of phases that depend on each other, worked off by any number of threads together.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#ifdef EQ_X86
#include <immintrin.h>
#endif

namespace equipoise {

// Each phase is cut into parts. A part begins when all parts of earlier phases are done. Threads take the parts in order, so
// the one with the earliest part never waits, and it does not matter how many threads there are.
class Phases {
  public:
    explicit Phases(const std::vector<int>& parts) : first_{0} {
        for (int count : parts) first_.push_back(first_.back() + count);
    }

    // Runs `work(round, phase, part)` for parts that nobody has taken, until there are none, or after `end` or `stop`.
    template <class Work>
    void serve(int64_t rounds, const volatile int& stop, Work work) {
        const int64_t total = first_.back();
        while (true) {
            const int64_t ticket = next_++, round = ticket / total;
            if (round >= rounds) return;
            const int place = int(ticket % total);
            int phase = 0;
            while (first_[phase + 1] <= place) ++phase;
            if (!wait(round * total + first_[phase], stop)) return;
            work(round, phase, place - first_[phase]);
            ++done_;
        }
    }

    // No more parts after those at work.
    void end() { ended_ = true; }

  private:
    static constexpr int SPINS = 2000;  // before a waiting thread lets others have its core

    bool wait(int64_t done, const volatile int& stop) const {
        for (int spins = 0; done_.load() < done; ++spins) {
            if (ended_ || stop) return false;
            if (spins > SPINS) std::this_thread::yield();
#ifdef EQ_X86
            else _mm_pause();
#endif
        }
        return !ended_ && !stop;
    }

    std::vector<int> first_;
    std::atomic<int64_t> next_{0}, done_{0};
    std::atomic<bool> ended_{false};
};

}  // namespace equipoise
