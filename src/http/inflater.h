#pragma once

#include <memory>
#include <span>
#include <string_view>

namespace tiercel::http {

/// Unpacks gzip piece by piece; several members in a row are one text. Memory: zlib's
/// 40 KiB, whatever the input says.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    bool broken = false;
  };
  Step run(std::string_view bytes, std::span<char> room);
  /// True between members: the input may end here.
  [[nodiscard]] bool may_end() const;

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace tiercel::http
