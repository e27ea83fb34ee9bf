// Any bytes as a batch: decoding ends, what it counts is what it gave, every field of
// every event can be read and holds what values promise, a second time as the first, and
// item by item as all at once; and ItemSplitter cuts the same items however the bytes
// arrive.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/audit/decode.h"
#include "tiercel/audit/event_key.h"
#include "tiercel/audit/field_map.h"
#include "tiercel/audit/item_splitter.h"

namespace {

namespace audit = tiercel::audit;
namespace base = tiercel::base;

using Keys = std::vector<audit::EventKey>;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Reads every byte, so that a sanitizer sees a view of what is gone.
void touch(std::string_view text) {
  std::uint32_t sum = 0;
  for (const char c : text) {
    sum += static_cast<unsigned char>(c);
  }
  [[maybe_unused]] volatile std::uint32_t sink = sum;
}

audit::FieldSet every_field() {
  audit::FieldSet fields;
  const std::vector<std::string> statics{"team"};
  const std::optional<std::string> arguments[] = {
      std::nullopt, "0", "1", "x", "/user/groups/0", "/requestObject/spec/containers"};
  for (const audit::Field& field : audit::fields()) {
    const std::string name = field.name == "static." ? "static.team" : std::string(field.name);
    bool found = false;
    for (const std::optional<std::string>& argument : arguments) {
      const auto reference = audit::resolve_field(name, argument, false, statics);
      if (reference) {
        fields.add(*reference);
        found = true;
      }
    }
    require(found);
  }
  return fields;
}

struct World {
  World() {
    context.hostname = "host";
    context.static_fields = {{"team", "blue"}};
    context.zone = audit::LocalZone(std::chrono::seconds{0});
  }
  audit::FieldSet fields = every_field();
  audit::FieldContext context;
};

const World& world() {
  static const World world;
  return world;
}

void check_value(const base::Value& value, base::ValueShape shape) {
  switch (value.kind()) {
    case base::Value::Kind::kAbsent:
      return;
    case base::Value::Kind::kText:
      require(!shape.is_list && shape.type == base::ValueType::kText);
      require(value.as_text().find('\0') == std::string_view::npos);
      touch(value.as_text());
      return;
    case base::Value::Kind::kList:
      require(shape.is_list && !value.as_list().empty());
      for (const std::string_view element : value.as_list()) {
        require(element.find('\0') == std::string_view::npos);
        touch(element);
      }
      return;
    case base::Value::Kind::kNumber:
    case base::Value::Kind::kBoolean:
      require(!shape.is_list && shape.type != base::ValueType::kText);
      return;
  }
}

void check_json(audit::Json json, base::Arena& arena) {
  touch(json.text(arena));
  const std::string_view compact = json.compact(arena);
  touch(compact);
  require(compact.size() <= json.raw().size());
  if (json.is_string()) {
    touch(audit::decode_string(json.raw_string(), arena));
  }
}

class Reader final : public audit::EventSink {
 public:
  explicit Reader(std::string_view body) : body_(body) {}

  void on_event(audit::AuditEvent& event) override {
    event.set_number(keys.size() + 1);
    map_.bind(world().fields, world().context, event);
    for (std::uint32_t at = 0; at < world().fields.size(); ++at) {
      check_value(map_.get(audit::FieldId{at}), world().fields[audit::FieldId{at}].field->shape);
    }
    arena_.reset();
    keys.push_back(audit::event_key(event, arena_));
    check_json(event.root(), arena_);
    event.root().for_each_member([&](std::string_view key, audit::Json value) {
      touch(audit::decode_string(key, arena_));
      check_json(value, arena_);
    });
  }

  void on_bad(const audit::BadInput& bad) override {
    require(!bad.code.empty() && !bad.message.empty());
    require(body_.find(bad.bytes) != std::string_view::npos);  // as received, never repaired
    (bad.whole ? wholes : bads) += 1;
  }

  Keys keys;
  std::uint64_t bads = 0;
  std::uint64_t wholes = 0;

 private:
  std::string_view body_;
  audit::FieldMap map_;
  base::Arena arena_;
};

struct Decoded {
  Keys keys;
  bool sound = false;  // nothing was wrong with any item
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode(audit::BatchDecoder& decoder, std::string_view body, audit::BatchForm form) {
  constexpr std::int64_t kArrival = 1'700'000'000'000'000'000;
  Reader reader(body);
  const audit::DecodeCounts counts = decoder.decode(body, form, kArrival, reader);
  require(counts.events == reader.keys.size());
  require(counts.bad_items == reader.bads);
  require(form == audit::BatchForm::kLines ? (reader.wholes != 0) == counts.whole_bad
                                           : reader.wholes == (counts.whole_bad ? 1U : 0U));
  require(counts.without_time <= counts.events);
  return {reader.keys, counts.bad_items == 0 && !counts.whole_bad};
}

// A copy of exactly this size and its padding, so that a sanitizer sees a read beyond.
class Padded {
 public:
  explicit Padded(std::string_view bytes, std::string_view more = "")
      : size_(bytes.size() + more.size()), copy_(new char[size_ + audit::kPadding]) {
    std::copy(bytes.begin(), bytes.end(), copy_.get());
    std::copy(more.begin(), more.end(), copy_.get() + bytes.size());
    std::memset(copy_.get() + size_, '"', audit::kPadding);
  }
  [[nodiscard]] std::string_view body() const { return {copy_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> copy_;
};

// A sound list with rubbish behind it is decoded item by item: the same events. (Only
// where a list is one for both ways, which look at its head differently.)
void decode_by_item(std::string_view bytes, const Decoded& whole, audit::BatchForm form) {
  const bool is_list = bytes.starts_with('[') || bytes.starts_with(R"({"kind":"EventList",)");
  if (!whole.sound || !is_list || bytes.find('\\') != std::string_view::npos) {
    return;
  }
  const Padded padded(bytes, "}");
  audit::BatchDecoder decoder;
  require(decode(decoder, padded.body(), form).keys == whole.keys);
}

// Lines are bodies, each for itself.
void decode_by_line(std::string_view bytes) {
  audit::BatchDecoder decoder;
  const Padded padded(bytes);
  const Decoded lines = decode(decoder, padded.body(), audit::BatchForm::kLines);
  Decoded each;
  each.sound = true;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.find_first_not_of(std::string_view(" \t\r\0", 4)) == std::string_view::npos) {
      continue;
    }
    if (line.find('\0') != std::string_view::npos) {
      return;  // Zeros around a line mean nothing there, and much in a body.
    }
    const Padded one(line);
    const Decoded body = decode(decoder, one.body(), audit::BatchForm::kBody);
    each.keys.insert(each.keys.end(), body.keys.begin(), body.keys.end());
    each.sound = each.sound && body.sound;
  }
  require(lines == each);
}

void decode_every_way(std::string_view bytes) {
  decode_by_line(bytes);
  const Padded padded(bytes);
  const std::string_view body = padded.body();
  audit::BatchDecoder decoder;
  audit::BatchDecoder strict({.max_depth = 8, .max_event = 256});
  for (const audit::BatchForm form : {audit::BatchForm::kBody, audit::BatchForm::kItems}) {
    const Decoded first = decode(decoder, body, form);
    decode(strict, body, form);
    require(decode(decoder, body, form) == first);
    decoder.shrink();
    decode_by_item(body, first, form);
  }
}

class Recorder final : public audit::ItemSplitter::Sink {
 public:
  void on_item(std::string_view item, bool from_list) override {
    text += (from_list ? "<" : "(") + std::to_string(item.size()) + ":" + std::string(item);
  }
  void on_oversize(std::string_view head, std::uint64_t size) override {
    text += "!" + std::to_string(size) + ":" + std::string(head);
  }
  std::string text;
};

// What the bytes are cut into; the size of each piece comes from `sizes` in turn.
template <class Sizes>
std::string split(std::string_view bytes, const Sizes& sizes, std::uint64_t max_item) {
  Recorder recorder;
  audit::ItemSplitter splitter(recorder, max_item);
  std::size_t turn = 0;
  while (!bytes.empty()) {
    const std::size_t size = sizes[turn++ % sizes.size()];
    // A heap copy of exactly the piece: the splitter may not look beyond it.
    const std::vector<char> piece(
        bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(size, bytes.size())));
    bytes.remove_prefix(piece.size());
    if (splitter.feed({piece.data(), piece.size()}) == audit::ItemSplitter::Status::kBroken) {
      break;
    }
  }
  const bool whole = splitter.finish() == audit::ItemSplitter::Status::kComplete;
  require(whole == splitter.problem().empty());
  return recorder.text + "#" + std::string(splitter.problem()) +
         std::to_string(splitter.pending_offset()) + "/" + std::to_string(splitter.items());
}

void split_every_way(std::string_view bytes) {
  for (const std::uint64_t max_item : {std::uint64_t{1} << 20U, std::uint64_t{40}}) {
    const std::string whole = split(bytes, std::array{bytes.size() + 1}, max_item);
    require(split(bytes, std::array<std::size_t, 1>{1}, max_item) == whole);
    require(split(bytes, std::array<std::size_t, 3>{2, 7, 31}, max_item) == whole);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  decode_every_way(bytes);
  split_every_way(bytes);
  return 0;
}
