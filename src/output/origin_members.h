#pragma once

#include <array>
#include <string>
#include <string_view>

#include "tiercel/alert/alert_view.h"

namespace tiercel::output {

/// A member of an alert that says where it comes from, beside its event. Every form of our own that
/// an output gives an alert has all of these: a vendor's body, the journal's fields, CEF. Lines of
/// text are Falco's form and have none; lines of JSON have what `json_include_…` leaves.
struct OriginMember {
  std::string_view name;   ///< as the alert's JSON calls it
  std::string_view title;  ///< in chats
  std::string_view alert::AlertView::*inside;

  /// Empty where the alert does not say.
  [[nodiscard]] std::string text(const alert::AlertView& view) const {
    return alert::unescape_json(view.*inside);
  }
};

inline constexpr std::array kOriginMembers{
    OriginMember{"apiserver", "Apiserver", &alert::AlertView::apiserver},
    OriginMember{"rules_hash", "Rules hash", &alert::AlertView::rules_hash},
};

}  // namespace tiercel::output
