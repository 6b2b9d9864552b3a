// Rows in parts.
#pragma once

#include <cstdint>
#include <vector>

namespace equipoise {

constexpr int64_t WORTH_A_THREAD = 1 << 18;  // numbers read, below which a thread costs more than it saves
constexpr int PARTS_OF_A_THREAD = 16;

// The first rows of runs of about equal numbers of entries, so that threads end together, and the number of rows.
inline std::vector<int> even_parts(const int64_t* start, int rows, int parts) {
    std::vector<int> first{0};
    const int64_t total = start[rows];
    for (int row = 0; row < rows; ++row)
        if (start[row + 1] * parts >= total * int64_t(first.size()) && row + 1 < rows) first.push_back(row + 1);
    first.push_back(rows);
    return first;
}

// The same for runs of equal numbers of rows.
inline std::vector<int> equal_parts(int rows, int parts) {
    std::vector<int> first;
    for (int part = 0; part <= parts; ++part) first.push_back(int(int64_t(rows) * part / parts));
    return first;
}

}  // namespace equipoise
