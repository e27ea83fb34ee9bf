#include "port_owner.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

namespace tiercel::http {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kListening = "0A";

/// The inodes of listening sockets on the port, from one of /proc/net/tcp and tcp6.
void add_inodes(const char* table, std::uint16_t port, std::vector<std::string>& out) {
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
    words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
        timeout >> inode;
    const std::size_t colon = local.rfind(':');
    if (state == kListening && colon != std::string::npos &&
        std::stoul("0" + local.substr(colon + 1), nullptr, 16) == port) {
      out.push_back("socket:[" + inode + "]");
    }
  }
}

bool holds_one_of(const fs::path& process, const std::vector<std::string>& inodes) {
  std::error_code error;
  for (fs::directory_iterator at(process / "fd", error), end; !error && at != end;
       at.increment(error)) {
    std::error_code unreadable;
    const std::string target = fs::read_symlink(at->path(), unreadable).string();
    if (!unreadable && std::find(inodes.begin(), inodes.end(), target) != inodes.end()) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string describe_port_owner(std::uint16_t port) {
  std::vector<std::string> inodes;
  add_inodes("/proc/net/tcp", port, inodes);
  add_inodes("/proc/net/tcp6", port, inodes);
  if (inodes.empty()) {
    return {};
  }
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const std::string pid = at->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos ||
        !holds_one_of(at->path(), inodes)) {
      continue;
    }
    std::ifstream file(at->path() / "comm");
    std::string name;
    std::getline(file, name);
    return (name.empty() ? "a process" : name) + " (pid " + pid + ")";
  }
  return {};
}

}  // namespace tiercel::http
