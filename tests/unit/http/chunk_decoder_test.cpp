#include "chunk_decoder.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace tiercel::http {
namespace {

/// The chunked body, read through a room of `room` bytes in steps of `step`.
std::string unchunk(std::string_view text, std::size_t step, std::size_t room_size) {
  ChunkDecoder decoder;
  std::string out;
  std::string pending;
  std::string room(room_size, '\0');
  std::size_t at = 0;
  while (true) {
    const auto [status, used, produced] = decoder.run(pending, room);
    pending.erase(0, used);
    out.append(room, 0, produced);
    if (status == ChunkDecoder::Status::kMalformed) {
      return out + " malformed";
    }
    if (status == ChunkDecoder::Status::kEnd) {
      return out + " end rest=" + pending + std::string(text.substr(std::min(at, text.size())));
    }
    if (used == 0 && produced == 0) {
      if (at >= text.size()) {
        return out + " more";
      }
      pending += text.substr(at, step);
      at += step;
    }
  }
}

TEST(ChunkDecoder, TakesChunksApartHoweverTheyArrive) {
  struct Case {
    const char* text;
    const char* want;
  };
  for (const Case& c : {
           Case{"0\r\n\r\n", " end rest="},
           Case{"5\r\nhello\r\n0\r\n\r\n", "hello end rest="},
           Case{"5\r\nhello\r\n1\r\n!\r\n0\r\n\r\nGET", "hello! end rest=GET"},
           Case{"5;name=value\r\nhello\r\n0\r\nTrailer: x\r\n\r\n", "hello end rest="},
           Case{"A\r\n0123456789\r\n0\r\n\r\n", "0123456789 end rest="},
           Case{"5\r\nhello", "hello more"},
           Case{"x\r\nhello\r\n", " malformed"},
           Case{"-5\r\nhello\r\n", " malformed"},
           Case{"ffffffffffffffffff\r\nhello\r\n", " malformed"},
           Case{"5\r\nhelloX\r\n0\r\n\r\n", "hello malformed"},
           Case{"5\nhello\r\n", " malformed"},
           Case{"5;a\nhello\r\n", " malformed"},
           Case{"\r\n", " malformed"},
           Case{"0\r\nx\n\r\n", " malformed"},
           Case{"0\r\n\rx", " malformed"},
       }) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{4}, std::size_t{4096}}) {
      for (const std::size_t room : {std::size_t{1}, std::size_t{3}, std::size_t{100}}) {
        EXPECT_EQ(unchunk(c.text, step, room), c.want)
            << c.text << " step " << step << " room " << room;
      }
    }
  }
}

TEST(ChunkDecoder, BoundsWhatFramesCost) {
  std::string endless = "1;";
  endless.append(70'000, 'x');
  EXPECT_EQ(unchunk(endless, 4096, 100), " malformed");
  std::string tiny;
  for (int i = 0; i < 50'000; ++i) {
    tiny += "1\r\nx\r\n";
  }
  EXPECT_EQ(unchunk(tiny + "0\r\n\r\n", 4096, 100), std::string(50'000, 'x') + " end rest=");
}

}  // namespace
}  // namespace tiercel::http
