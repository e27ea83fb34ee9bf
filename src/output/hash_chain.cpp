#include "tiercel/output/hash_chain.h"

#include <array>
#include <fstream>
#include <iterator>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "line_reader.h"

namespace tiercel::output {

namespace {

constexpr std::string_view kJsonHead = "{\"_previous\":\"";
constexpr std::string_view kTextHead = " _previous=";

std::string hash_of(std::string_view line, const std::string& key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(line.data());
  if (key.empty()) {
    ::EVP_Digest(bytes, line.size(), digest.data(), &length, ::EVP_sha256(), nullptr);
  } else {
    ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, line.size(),
           digest.data(), &length);
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (unsigned int at = 0; at < length; ++at) {
    out += kHex[digest[at] >> 4U];
    out += kHex[digest[at] & 0xFU];
  }
  return out;
}

// The hash that a line carries; empty where it carries none.
std::string_view carried(std::string_view line) {
  constexpr std::size_t kLength = HashChain::kHashLength;
  std::string_view hash;
  if (line.starts_with(kJsonHead)) {
    hash = line.substr(kJsonHead.size(), kLength);
  } else if (line.size() >= kTextHead.size() + kLength &&
             line.substr(line.size() - kTextHead.size() - kLength).starts_with(kTextHead)) {
    hash = line.substr(line.size() - kLength);
  }
  const bool is_hash = hash.size() == kLength &&
                       hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_hash ? hash : std::string_view{};
}

}  // namespace

void HashChain::append(std::string& out, std::string_view line) {
  line.remove_suffix(line.ends_with('\n') ? 1 : 0);
  const std::size_t start = out.size();
  if (line.starts_with('{') && line.size() > 2) {
    out += kJsonHead;
    out += previous_;
    out += "\",";
    out += line.substr(1);
  } else {
    out += line;
    out += kTextHead;
    out += previous_;
  }
  previous_ = hash_of(std::string_view(out).substr(start), key_);
  out += '\n';
}

void HashChain::follow(std::string_view last_line) { previous_ = hash_of(last_line, key_); }

base::Result<ChainReport> verify_chain(std::span<const std::string> files, const std::string& key) {
  ChainReport report;
  for (const std::string& file : files) {
    std::uint64_t number = 0;
    const auto read = read_lines(file, [&](std::string_view line) {
      ++number;
      const std::string_view previous = carried(line);
      const std::string place = file + ":" + std::to_string(number) + ": ";
      if (previous.empty() && report.lines == 0) {
        ++report.unchained;
        return true;
      }
      if (previous.empty()) {
        report.problem = place + "the line carries no hash of the one before";
      } else if (report.lines != 0 && previous != report.last_hash) {
        report.problem =
            place + "a line before this one was removed or changed, or one was put between";
      }
      if (report.lines == 0) {
        report.from_beginning = previous.find_first_not_of('0') == std::string_view::npos;
      }
      ++report.lines;
      report.last_hash = hash_of(line, key);
      return report.problem.empty();
    });
    if (!read) {
      return read.error();
    }
    if (!report.problem.empty()) {
      break;
    }
  }
  return report;
}

base::Result<std::string> read_chain_key(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string key{std::istreambuf_iterator<char>(file), {}};
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) {
    key.pop_back();
  }
  if (key.size() < 16 || key.size() > 4096) {
    return base::Error{"bad_key", "the hash chain's key cannot be read, or is not 16 to 4096 bytes",
                       path};
  }
  return {boost::system::in_place_value, std::move(key)};
}

}  // namespace tiercel::output
