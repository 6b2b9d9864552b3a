// Tasks in threads, with Ctrl-C answered while they run.
#pragma once

#include <nanobind/nanobind.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#ifdef EQ_X86
#include <immintrin.h>
#endif

namespace equipoise {

namespace nb = nanobind;

constexpr auto PATIENCE = std::chrono::milliseconds(50);  // between two looks for Ctrl-C

// Numbers too small for full precision become zero in this thread, as in XLA; they would take a hundred times as long.
struct FlushToZero {
#ifdef EQ_X86
    const unsigned before = _mm_getcsr();
    FlushToZero() { _mm_setcsr(before | 0x8040); }
    ~FlushToZero() { _mm_setcsr(before); }
#endif
};

// Runs `task(0)` … `task(count − 1)` in threads, and looks for Ctrl-C meanwhile; `stop` is set to 1 after it.
template <class Task>
void in_threads(int count, int threads, volatile int& stop, Task task) {
    std::atomic<int> next{0};
    std::mutex mutex;
    std::condition_variable done;
    int at_work = std::max(1, std::min(count, threads));
    std::exception_ptr failure;
    auto serve = [&] {
        const FlushToZero flush;
        std::exception_ptr mine;
        try {
            for (int i = next++; i < count && !stop; i = next++) task(i);
        } catch (...) {  // such as no memory; it would end the process if it left the thread
            mine = std::current_exception();
            stop = 1;
        }
        const std::lock_guard<std::mutex> lock(mutex);
        if (mine) failure = mine;
        --at_work;
        done.notify_all();
    };
    std::vector<std::thread> crew;
    for (int i = 0, hired = at_work; i < hired; ++i) {
        try {
            crew.emplace_back(serve);
        } catch (const std::system_error&) {  // no more threads here; those at work do it all
            const std::lock_guard<std::mutex> lock(mutex);
            at_work -= hired - i;
            if (crew.empty()) throw;
            break;
        }
    }
    bool interrupted = false;
    while (true) {
        bool finished;
        {
            const nb::gil_scoped_release release;
            std::unique_lock<std::mutex> lock(mutex);
            finished = done.wait_for(lock, PATIENCE, [&] { return at_work == 0; });
        }
        if (finished) break;
        if (!interrupted && PyErr_CheckSignals() != 0) {
            interrupted = true;
            stop = 1;
        }
    }
    {
        const nb::gil_scoped_release release;
        for (auto& one : crew) one.join();
    }
    if (interrupted) throw nb::python_error();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace equipoise
