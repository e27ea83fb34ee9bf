#pragma once

#include <string>

namespace tiercel::bench {

/// Prints what an fdatasync takes in this folder, behind bytes that make a file longer and behind
/// bytes that lie over others, as most of the store's log do.
void print_fsync(const std::string& folder);

}  // namespace tiercel::bench
