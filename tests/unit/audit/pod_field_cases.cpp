#include "field_cases.h"

namespace tiercel::audit::tests {

namespace {

constexpr const char* kSpec = R"({
"hostIPC":true,"hostNetwork":false,"hostPID":true,"runAsUser":7,
"securityContext":{"runAsUser":1,"runAsGroup":2,"fsGroup":3,"supplementalGroups":[4,5]},
"volumes":[{"name":"h","hostPath":{"path":"/etc"}},{"name":"s","secret":{"secretName":"x"}},
  {"name":"f","flexVolume":{"driver":"d"}}],
"containers":[
  {"name":"a","image":"reg.io/a:1","command":["sh","-c"],"args":["x y","z"],
   "ports":[{"hostPort":80,"containerPort":8080},{"containerPort":90}],
   "securityContext":{"privileged":true,"allowPrivilegeEscalation":false,
     "readOnlyRootFilesystem":true,"runAsUser":10,"runAsGroup":11,"procMount":"Unmasked",
     "capabilities":{"add":["NET_ADMIN"]}}},
  {"name":"b","image":"b@sha256:00","runAsGroup":12}],
"initContainers":[
  {"name":"i","image":"i:2","command":["init"],"args":["1"],
   "ports":[{"hostPort":81}],
   "securityContext":{"privileged":false,"allowPrivilegeEscalation":true,
     "readOnlyRootFilesystem":false,"runAsUser":20,"runAsGroup":21,"procMount":"Default",
     "capabilities":{"add":["SYS_TIME"]}}}],
"ephemeralContainers":[
  {"name":"e","image":"e:3","command":["dbg"],"args":["2"],
   "securityContext":{"privileged":true,"allowPrivilegeEscalation":true,
     "readOnlyRootFilesystem":true,"runAsUser":30,"runAsGroup":31,"procMount":"Default",
     "capabilities":{"add":["SYS_PTRACE"]}}}]})";

constexpr FieldCase kCases[] = {
    {"P01", "host_ipc", "", R"("true")"},
    {"P02", "host_network", "", R"("false")"},
    {"P03", "host_pid", "", R"("true")"},
    {"P04", "run_as_user", "", R"("1")"},
    {"P05", "run_as_group", "", R"("2")"},
    {"P06", "fs_group", "", R"("3")"},
    {"P07", "supplemental_groups", "", R"(["4","5"])"},
    {"P08", "volumes.hostpath", "", R"(["/etc"])"},
    {"P09", "volumes.hostpath[0]", "", R"(["/etc"])"},
    {"P10", "volumes.hostpath[1]", "", "absent"},
    {"P11", "volumes.flexvolume_driver", "", R"(["d"])"},
    {"P12", "volumes.flexvolume_driver[2]", "", R"(["d"])"},
    {"P13", "volumes.volume_type", "", R"(["hostPath","secret","flexVolume"])"},
    {"P14", "volumes.volume_type[1]", "", R"(["secret"])"},
    {"P15", "volumes.volume_type[3]", "", "absent"},
    {"P20", "containers.name", "", R"(["a","b"])"},
    {"P21", "containers.image", "", R"(["reg.io/a:1","b@sha256:00"])"},
    {"P22", "containers.image.repository", "", R"(["reg.io/a","b"])"},
    {"P23", "containers.command", "", R"(["sh -c"])"},
    {"P24", "containers.args", "", R"(["x y z"])"},
    {"P25", "containers.host_port", "", R"(["80","90"])"},
    {"P26", "containers.privileged", "", R"(["true"])"},
    {"P27", "containers.allow_privilege_escalation", "", R"(["false"])"},
    {"P28", "containers.read_only_fs", "", R"(["true"])"},
    {"P29", "containers.run_as_user", "", R"(["10"])"},
    {"P30", "containers.run_as_group", "", R"(["11"])"},
    {"P31", "containers.proc_mount", "", R"(["Unmasked"])"},
    {"P32", "containers.add_capabilities", "", R"(["[\"NET_ADMIN\"]"])"},
    {"P33", "containers.eff_run_as_user", "", R"(["7","7"])"},
    {"P34", "containers.eff_run_as_group", "", R"(["0","12"])"},
    {"P35", "containers.eff_run_as_group[1]", "", R"(["12"])"},
    {"P36", "containers.eff_run_as_group[0]", "", "absent"},
    {"P37", "containers.privileged[1]", "", "absent"},
    {"P40", "initContainers.name", "", R"(["i"])"},
    {"P41", "initContainers.image", "", R"(["i:2"])"},
    {"P42", "initContainers.image.repository", "", R"(["i"])"},
    {"P43", "initContainers.command", "", R"(["init"])"},
    {"P44", "initContainers.args", "", R"(["1"])"},
    {"P45", "initContainers.host_port", "", R"(["81"])"},
    {"P46", "initContainers.privileged", "", R"(["false"])"},
    {"P47", "initContainers.allow_privilege_escalation", "", R"(["true"])"},
    {"P48", "initContainers.read_only_fs", "", R"(["false"])"},
    {"P49", "initContainers.run_as_user", "", R"(["20"])"},
    {"P50", "initContainers.run_as_group", "", R"(["21"])"},
    {"P51", "initContainers.proc_mount", "", R"(["Default"])"},
    {"P52", "initContainers.add_capabilities", "", R"(["[\"SYS_TIME\"]"])"},
    {"P53", "initContainers.eff_run_as_user", "", R"(["7"])"},
    {"P54", "initContainers.eff_run_as_group", "", R"(["0"])"},
    {"P60", "ephemeralContainers.name", "", R"(["e"])"},
    {"P61", "ephemeralContainers.image", "", R"(["e:3"])"},
    {"P62", "ephemeralContainers.image.repository", "", R"(["e"])"},
    {"P63", "ephemeralContainers.command", "", R"(["dbg"])"},
    {"P64", "ephemeralContainers.args", "", R"(["2"])"},
    {"P65", "ephemeralContainers.privileged", "", R"(["true"])"},
    {"P66", "ephemeralContainers.allow_privilege_escalation", "", R"(["true"])"},
    {"P67", "ephemeralContainers.read_only_fs", "", R"(["true"])"},
    {"P68", "ephemeralContainers.run_as_user", "", R"(["30"])"},
    {"P69", "ephemeralContainers.run_as_group", "", R"(["31"])"},
    {"P70", "ephemeralContainers.proc_mount", "", R"(["Default"])"},
    {"P71", "ephemeralContainers.add_capabilities", "", R"(["[\"SYS_PTRACE\"]"])"},
    {"P72", "ephemeralContainers.eff_run_as_user", "", R"(["7"])"},
    {"P73", "ephemeralContainers.eff_run_as_group", "", R"(["0"])"},
};

}  // namespace

std::span<const FieldCase> pod_cases() { return kCases; }

const char* rich_pod_spec() { return kSpec; }

}  // namespace tiercel::audit::tests
