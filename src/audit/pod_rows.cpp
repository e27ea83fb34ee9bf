#include "pod_rows.h"

#include <algorithm>
#include <string>

#include "image_name.h"

namespace tiercel::audit {

namespace {

// The names from PodPlace::from to the value.
class FullPath {
 public:
  explicit FullPath(const PodQuestion& question) {
    for (const std::string_view name : question.place.prefix) {
      add(name);
    }
    add(question.list);
    for (const std::string_view name : question.row.path) {
      add(name);
    }
  }
  [[nodiscard]] Path names() const { return {names_.data(), size_}; }

 private:
  void add(std::string_view name) {
    if (!name.empty() && size_ < names_.size()) {
      names_[size_] = name;
      ++size_;
    }
  }
  // A prefix of one, a list, a path of three.
  std::array<std::string_view, 5> names_;
  std::size_t size_ = 0;
};

base::Value spec_text(const PodQuestion& question, base::Arena& arena) {
  return descend(question.place.from, FullPath(question).names()).value(arena);
}

base::Value spec_texts(const PodQuestion& question, base::Arena& arena) {
  return element_texts(descend(question.place.from, FullPath(question).names()), arena);
}

template <Gaps gaps>
base::Value texts(const PodQuestion& question, base::Arena& arena) {
  return walk_list(question.place.from, FullPath(question).names(), question.index, gaps, arena,
                   [&](Json result) { return result.text(arena); });
}

base::Value repositories(const PodQuestion& question, base::Arena& arena) {
  return walk_list(question.place.from, FullPath(question).names(), question.index, Gaps::kStrict,
                   arena, [&](Json image) { return image_repository(image.text(arena)); });
}

// The strings of an array joined by one blank; nullopt when it is anything else.
std::optional<std::string_view> joined(Json words, base::Arena& arena) {
  if (!words.is_array()) {
    return std::nullopt;
  }
  bool all_strings = true;
  std::size_t size = 0;
  words.for_each_element([&](Json word) {
    all_strings = all_strings && word.is_string();
    size += word.raw().size() + 1;  // decoded never longer than written
  });
  if (!all_strings) {
    return std::nullopt;
  }
  char* const text = arena.allocate_text(size);
  char* end = text;
  bool first = true;
  words.for_each_element([&](Json word) {
    if (!first) {
      *end = ' ';
      ++end;
    }
    first = false;
    const std::string_view decoded = decode_string(word.raw_string(), arena);
    end = std::copy(decoded.begin(), decoded.end(), end);
  });
  return std::string_view(text, static_cast<std::size_t>(end - text));
}

base::Value commands(const PodQuestion& question, base::Arena& arena) {
  bool broken = false;
  const base::Value list = walk_list(question.place.from, FullPath(question).names(),
                                     question.index, Gaps::kSkip, arena, [&](Json words) {
                                       const auto text = joined(words, arena);
                                       broken = broken || !text;
                                       return cut_at_nul(text.value_or(std::string_view{}));
                                     });
  return broken ? base::Value::absent() : list;
}

// Falco takes the container's own port where no port of the host is asked for.
base::Value host_ports(const PodQuestion& question, base::Arena& arena) {
  ArenaList list(arena);
  bool broken = false;
  walk(
      question.place.from, FullPath(question).names(), question.index,
      [&](Json ports) {
        if (!ports.is_array()) {
          broken = true;
          return;
        }
        ports.for_each_element([&](Json port) {
          Json number = port.member("hostPort");
          if (!number.exists()) {
            number = port.member("containerPort");
          }
          if (number.exists()) {
            list.add(number.text(arena));
          }
        });
      },
      [] {});
  return broken ? base::Value::absent() : list.value();
}

// Falco reads the member directly below the container and below the spec, where no
// real pod has it, and not in their security contexts.
base::Value effective_ids(const PodQuestion& question, base::Arena& arena) {
  const Json of_pod =
      descend(question.place.from, question.place.prefix).member(question.row.path.front());
  const std::string_view otherwise = of_pod.exists() ? of_pod.text(arena) : "0";
  ArenaList list(arena);
  walk(
      question.place.from, FullPath(question).names(), question.index,
      [&](Json result) { list.add(result.text(arena)); }, [&] { list.add(otherwise); });
  return list.value();
}

void add_volume_types(Json volume, ArenaList& list, base::Arena& arena) {
  if (!volume.is_object()) {
    return;
  }
  volume.for_each_member([&](std::string_view raw_key, Json /*value*/) {
    const std::string_view key = decode_string(raw_key, arena);
    if (key != "name") {
      list.add(cut_at_nul(key));
    }
  });
}

// DIFFERS FROM FALCO: a JSON Patch body has no volumes; there Falco crashes.
base::Value volume_types(const PodQuestion& question, base::Arena& arena) {
  ArenaList list(arena);
  bool broken = false;
  walk(
      question.place.from, FullPath(question).names(), question.index,
      [&](Json volumes) {
        if (!volumes.is_array()) {
          add_volume_types(volumes, list, arena);
        } else if (question.index) {
          add_volume_types(volumes.element(*question.index), list, arena);
        } else {
          volumes.for_each_element([&](Json volume) { add_volume_types(volume, list, arena); });
        }
      },
      [&] { broken = true; });
  return broken ? base::Value::absent() : list.value();
}

std::string with_kind(std::string_view doc, std::string_view kind) {
  std::string text(doc);
  const std::size_t at = text.find('@');
  if (at != std::string::npos) {
    text.replace(at, 1, kind);
  }
  return text;
}

}  // namespace

constinit const std::array<PodRow, 10> kPodRows{{
    {"host_ipc",
     kText,
     FieldArg::kNone,
     "Falco 0.18",
     "Whether the pod asks for the host's IPC namespace.",
     spec_text,
     {"hostIPC"}},
    {"host_network",
     kText,
     FieldArg::kNone,
     "Falco 0.18",
     "Whether the pod asks for the host's network.",
     spec_text,
     {"hostNetwork"}},
    {"host_pid",
     kText,
     FieldArg::kNone,
     "Falco 0.18",
     "Whether the pod asks for the host's process ids.",
     spec_text,
     {"hostPID"}},
    {"run_as_user",
     kText,
     FieldArg::kNone,
     "Falco 0.18",
     "The user id in the pod's security context.",
     spec_text,
     {"securityContext", "runAsUser"}},
    {"run_as_group",
     kText,
     FieldArg::kNone,
     "Falco 0.18",
     "The group id in the pod's security context.",
     spec_text,
     {"securityContext", "runAsGroup"}},
    {"fs_group",
     kText,
     FieldArg::kNone,
     "Falco 0.18",
     "The group id that owns the pod's volumes.",
     spec_text,
     {"securityContext", "fsGroup"}},
    {"supplemental_groups",
     kTextList,
     FieldArg::kNone,
     "Falco 0.18",
     "The further group ids in the pod's security context.",
     spec_texts,
     {"securityContext", "supplementalGroups"}},
    {"volumes.hostpath",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The paths of the host that volumes mount; other volumes are skipped. An index counts all "
     "volumes.",
     texts<Gaps::kSkip>,
     {"volumes", "hostPath", "path"}},
    {"volumes.flexvolume_driver",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The drivers of flex volumes; other volumes are skipped.",
     texts<Gaps::kSkip>,
     {"volumes", "flexVolume", "driver"}},
    {"volumes.volume_type",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The types of the volumes, such as hostPath or secret: all their keys but name.",
     volume_types,
     {"volumes"}},
}};

constinit const std::array<PodRow, 15> kContainerRows{{
    {"name",
     kTextList,
     FieldArg::kIndex,
     "k8saudit 0.14",
     "The name of each @.",
     texts<Gaps::kStrict>,
     {"name"}},
    {"image",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The image of each @. Absent when one has none.",
     texts<Gaps::kStrict>,
     {"image"}},
    {"image.repository",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The image of each @ up to the first colon or at sign; of a registry with a port only the "
     "host.",
     repositories,
     {"image"}},
    {"command",
     kTextList,
     FieldArg::kIndex,
     "k8saudit 0.15",
     "The command of each @ that has one, its words joined by blanks.",
     commands,
     {"command"}},
    {"args",
     kTextList,
     FieldArg::kIndex,
     "k8saudit 0.15",
     "The arguments of each @ that has some, joined by blanks.",
     commands,
     {"args"}},
    {"host_port",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The host port, or where there is none the container port, of each port of each @.",
     host_ports,
     {"ports"}},
    {"privileged",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The flag privileged of each @ that has it.",
     texts<Gaps::kSkip>,
     {"securityContext", "privileged"}},
    {"allow_privilege_escalation",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The flag allowPrivilegeEscalation of each @ that has it.",
     texts<Gaps::kSkip>,
     {"securityContext", "allowPrivilegeEscalation"}},
    {"read_only_fs",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The flag readOnlyRootFilesystem of each @ that has it.",
     texts<Gaps::kSkip>,
     {"securityContext", "readOnlyRootFilesystem"}},
    {"run_as_user",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The user id of each @ that sets one.",
     texts<Gaps::kSkip>,
     {"securityContext", "runAsUser"}},
    {"run_as_group",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The group id of each @ that sets one.",
     texts<Gaps::kSkip>,
     {"securityContext", "runAsGroup"}},
    {"proc_mount",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The kind of /proc mount of each @ that sets one.",
     texts<Gaps::kSkip>,
     {"securityContext", "procMount"}},
    {"add_capabilities",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "The capabilities added to each @ that adds some: one JSON array each.",
     texts<Gaps::kSkip>,
     {"securityContext", "capabilities", "add"}},
    {"eff_run_as_user",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "As in Falco a 0 for each @, since it looks in the wrong place; run_as_user is right.",
     effective_ids,
     {"runAsUser"}},
    {"eff_run_as_group",
     kTextList,
     FieldArg::kIndex,
     "Falco 0.18",
     "As in Falco a 0 for each @, since it looks in the wrong place; run_as_group is right.",
     effective_ids,
     {"runAsGroup"}},
}};

bool list_has_row(const ContainerList& list, const PodRow& row) {
  return list.name != "ephemeralContainers" || row.name != "host_port";
}

Field pod_field(FieldTable& table, const PodFamily& family, const PodRow& row,
                const ContainerList* list) {
  std::string name(family.prefix);
  std::string doc(row.doc);
  std::string_view since = row.since;
  if (list != nullptr) {
    name += std::string(list->name) + '.';
    doc = with_kind(doc, list->kind);
    since = list->since.empty() ? since : list->since;
  }
  name += row.name;
  doc += family.doc_suffix;
  Field field;
  field.name = table.keep(std::move(name));
  field.shape = row.shape;
  field.arg = row.arg;
  field.ours = family.ours;
  field.part = family.part;
  field.field_class = kAuditClass;
  field.since = family.ours ? kSinceOurs : since;
  field.doc = table.keep(std::move(doc));
  return field;
}

}  // namespace tiercel::audit
