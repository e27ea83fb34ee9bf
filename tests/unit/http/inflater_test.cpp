#include "inflater.h"

#include <string>

#include <gtest/gtest.h>

#include "http_client.h"

namespace tiercel::http {
namespace {

std::string inflate_all(std::string_view bytes, std::size_t step, std::size_t room_size) {
  Inflater inflater;
  std::string out;
  std::string room(room_size, '\0');
  std::size_t at = 0;
  while (true) {
    const auto taken = inflater.run(bytes.substr(at, step), room);
    at += taken.consumed;
    out.append(room, 0, taken.produced);
    if (taken.broken) {
      return out + " broken";
    }
    if (taken.consumed == 0 && taken.produced == 0 && at == bytes.size()) {
      return out + (inflater.may_end() ? " end" : " more");
    }
    if (out.size() > 1'000'000) {
      return "endless";
    }
  }
}

TEST(Inflater, UnpacksHoweverTheBytesArrive) {
  const std::string packed = support::gzipped("hello gzip");
  struct Case {
    std::string bytes;
    std::string want;
  };
  for (const Case& c : {
           Case{packed, "hello gzip end"},
           Case{packed + packed, "hello gziphello gzip end"},
           Case{support::gzipped(""), " end"},
           Case{packed + "x", "hello gzip more"},
           Case{packed + "plain text after the end", "hello gzip broken"},
           Case{"plain text", " broken"},
           Case{"", " end"},
       }) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{5}, std::size_t{4096}}) {
      for (const std::size_t room : {std::size_t{1}, std::size_t{4096}}) {
        EXPECT_EQ(inflate_all(c.bytes, step, room), c.want) << c.want << " step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace tiercel::http
