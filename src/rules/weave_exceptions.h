#pragma once

#include "definitions.h"
#include "scopes.h"
#include "traced_text.h"

namespace tiercel::rules {

/// The rule's condition (trimmed) with its exceptions: `(c) and not x1 and not x2`.
/// An exception without values adds nothing.
///
///   fields a sequence   ((f1 op1 v1 and f2 op2 v2) or (…))
///   fields one field    f op (v1, v2)
[[nodiscard]] TracedText weave_exceptions(const RuleDefinition& rule, Scopes& scopes);

}  // namespace tiercel::rules
