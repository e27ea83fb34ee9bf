#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tiercel/audit/json.h"

namespace tiercel::audit {

/// The top-level members of an audit event that fields read. Found in one walk
/// over the event when it is decoded.
enum class Member : std::uint8_t {
  kKind,
  kApiVersion,
  kLevel,
  kAuditId,
  kStage,
  kRequestUri,
  kVerb,
  kUser,
  kImpersonatedUser,
  kSourceIps,
  kUserAgent,
  kObjectRef,
  kResponseStatus,
  kRequestObject,
  kResponseObject,
  kRequestReceivedTimestamp,
  kStageTimestamp,
  kAnnotations,
  kCount
};

/// One decoded `audit.k8s.io` event: a view into the batch's document, never
/// outlives it. Nothing is extracted yet but the places of its members.
///
/// Runs on: io thread; reused from event to event.
class AuditEvent {
 public:
  AuditEvent() = default;

  /// The member's value; missing when the event has none. First duplicate wins.
  [[nodiscard]] Json member(Member member) const {
    const std::uint32_t at = members_[static_cast<std::size_t>(member)];
    return at == 0 ? Json() : Json(root_.document(), at);
  }
  /// The event as a whole.
  [[nodiscard]] Json root() const { return root_; }
  /// Nanoseconds since the epoch: stageTimestamp, or the arrival time where that
  /// cannot be read (then `time_is_arrival()`).
  /// DIFFERS FROM FALCO: Falco drops an event whose time it cannot read.
  [[nodiscard]] std::int64_t time() const { return time_; }
  [[nodiscard]] bool time_is_arrival() const { return time_is_arrival_; }
  /// evt.num: counts events handed to the engine, from 1.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  /// False when the event lacks the key `auditID`: then no ka.* field is readable.
  [[nodiscard]] bool has_audit_id() const { return member(Member::kAuditId).exists(); }

  /// Fills this from an event object. `arrival` is used where stageTimestamp
  /// cannot be read. REQUIRES: root.is_object().
  void bind(Json root, std::int64_t arrival);
  void set_number(std::uint64_t number) { number_ = number; }

 private:
  Json root_;
  // Positions in the document; 0, where no member's value can be, for a missing one.
  std::array<std::uint32_t, static_cast<std::size_t>(Member::kCount)> members_{};
  std::int64_t time_ = 0;
  std::uint64_t number_ = 0;
  bool time_is_arrival_ = false;
};

/// RFC 3339 with capital T and Z or ±hh:mm; nine fractional digits kept, further
/// ones cut; leap second 60 refused. False when it is anything else.
[[nodiscard]] bool parse_time(std::string_view text, std::int64_t& out_nanoseconds);

}  // namespace tiercel::audit
