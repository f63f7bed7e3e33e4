//! The unit files against what they run, what systemd says of them, and the rules of the unit graph.
#![allow(clippy::unwrap_used)]

use imp::plan::unit::of_instance;
use imp::step::boot::rights;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Overall exposure by `systemd-analyze security` that a unit may not exceed, in tenths.
const EXPOSURE: [(&str, u32); 25] = [
    ("imp-machine-id.service", 33),
    // DAC_OVERRIDE and FOWNER, without which ostree cannot remove a deployment that failed.
    ("imp-boot-classify.service", 35),
    // Without RestrictSUIDSGID=, as the watch and the deadline: with it openat2 fails, and no crash is found.
    ("imp-boot-assess.service", 48),
    ("imp-boot-bless.service", 30),
    ("imp-boot-deadline.service", 27),
    ("imp-boot-unclassified.service", 29),
    // Its children may talk to systemd: one of them asks for the time that the parts of a reload take.
    ("imp-metrics.service", 27),
    // These two use the devices of all (DevicePolicy=closed): setting up a /dev of their own failed once at boot, beside
    // the mounts of local-fs, and there is no router without them.
    ("imp-config.service", 22),
    ("imp-config-verdict.service", 11),
    ("imp-config-watch.service", 18),
    ("imp-apply-back.service", 46),
    ("imp-identity.service", 37),
    ("imp-nftables.service", 22),
    ("netns-dataplane.service", 35),
    ("netns-move-interfaces.service", 36),
    ("imp-nic-again.service", 27),
    ("vpp-core.service", 55),
    // CAP_NET_ADMIN in the dataplane's namespace, and rtnetlink: it puts pairs into their VRFs.
    ("vpp-core-config.service", 19),
    ("vpp-nat.service", 31),
    ("vpp-nat-config.service", 17),
    ("vpp-edge.service", 31),
    ("vpp-edge-config.service", 17),
    ("incus-dataplane.service", 20),
    ("frr.service", 67),
    ("frr-config.service", 17),
];

/// What gives a unit its own mount namespace (measured on systemd 252): what it mounts, nobody else sees.
const MOUNT_SANDBOX: [&str; 15] = [
    "ProtectKernelLogs",
    "ProtectKernelModules",
    "ProtectKernelTunables",
    "ProtectControlGroups",
    "ProtectProc",
    "ProcSubset",
    "PrivateDevices",
    "PrivateTmp",
    "ProtectHome",
    "ProtectSystem",
    "PrivateIPC",
    "PrivateMounts",
    "BindPaths",
    "InaccessiblePaths",
    "DynamicUser",
];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every unit of ours, by name; the one that overrides Debian's and those of a further VPP instance, `edge`, included.
fn units() -> BTreeMap<String, String> {
    let mut units = static_units();
    let edge = of_instance(&"edge".parse().unwrap());
    units.extend(edge.into_iter().map(|unit| (unit.name, unit.text)));
    units
}

fn static_units() -> BTreeMap<String, String> {
    ["units", "units/early"]
        .iter()
        .flat_map(|folder| fs::read_dir(repository().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .filter(|path| matches!(extension(path), "service" | "mount" | "target"))
        .map(|path| (file_name(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

fn extension(path: &Path) -> &str {
    path.extension()
        .and_then(|text| text.to_str())
        .unwrap_or_default()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// All values of a key, in order.
fn values<'u>(unit: &'u str, key: &str) -> Vec<&'u str> {
    unit.lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix('='))
        .collect()
}

fn words(unit: &str, key: &str) -> BTreeSet<String> {
    values(unit, key)
        .iter()
        .flat_map(|value| value.split_whitespace())
        .map(str::to_owned)
        .collect()
}

/// The programs of `/usr/lib/imp` a unit starts.
fn steps(unit: &str) -> BTreeSet<String> {
    [
        "ExecStart",
        "ExecStartPre",
        "ExecStartPost",
        "ExecReload",
        "ExecStop",
    ]
    .iter()
    .flat_map(|key| values(unit, key))
    .filter_map(|command| command.strip_prefix("/usr/lib/imp/"))
    .map(|command| command.split_whitespace().next().unwrap().to_owned())
    .collect()
}

/// The steps among the binaries; `impctl` is the operator's.
fn binaries() -> BTreeSet<String> {
    fs::read_dir(repository().join("src/bin"))
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .filter(|name| name != "impctl")
        .collect()
}

/// The one step that is a script: it must run where a binary cannot.
const SCRIPT: &str = "imp-boot-unclassified";

#[test]
fn every_unit_runs_a_binary_and_every_binary_has_a_unit() {
    let run: BTreeSet<String> = units().values().flat_map(|unit| steps(unit)).collect();
    let mut there = binaries();
    there.insert(SCRIPT.to_owned());
    assert_eq!(run, there);
}

/// The units of nat are files of the package, so that they are there without the generator.
#[test]
fn the_units_of_nat_are_those_of_a_further_instance() {
    let units = units();
    for suffix in ["", "-config"] {
        let [edge, nat] = ["edge", "nat"].map(|name| &units[&format!("vpp-{name}{suffix}.service")]);
        assert!(!edge.contains('%'), "an unresolved specifier in {edge}");
        assert_eq!(edge.replace("edge", "nat"), *nat);
    }
}

/// A verb that drops what its unit grants would fail at a boot only.
#[test]
fn a_unit_of_imp_boot_grants_what_its_verb_works_with() {
    let units = units();
    for verb in ["classify", "assess", "bless", "deadline"] {
        let unit = &units[&format!("imp-boot-{verb}.service")];
        let works_with: BTreeSet<String> = rights(verb).iter().map(ToString::to_string).collect();
        assert_eq!(words(unit, "CapabilityBoundingSet"), works_with, "{verb}");
    }
}

#[test]
fn the_package_holds_every_binary_and_every_link() {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    for name in binaries() {
        let asset = format!("[\"target/release/{name}\", \"usr/lib/imp/\", \"755\"]");
        assert!(manifest.contains(&asset), "{asset} is not in Cargo.toml");
    }
    for entry in fs::read_dir(repository().join("units")).unwrap() {
        let path = entry.unwrap().path();
        // Scripts of the package itself, and text that is part of the generator.
        let compiled_in = ["debian", "instance"].contains(&file_name(&path).as_str());
        if path.is_dir() && !compiled_in {
            let folder = format!("units/{}/", file_name(&path));
            assert!(manifest.contains(&folder), "{folder} is not in Cargo.toml");
        }
    }
}

#[test]
fn what_pins_or_binds_for_everybody_makes_no_mount_namespace() {
    let units = units();
    for name in ["imp-machine-id", "imp-identity", "netns-dataplane"] {
        for key in MOUNT_SANDBOX {
            let found = values(&units[&format!("{name}.service")], key);
            assert!(found.is_empty(), "{name}: {key}={found:?}");
        }
    }
}

/// A core file would hold passwords.
#[test]
fn what_reads_secrets_leaves_no_core_file() {
    let units = units();
    for name in [
        "imp-config",
        "imp-config-verdict",
        "imp-identity",
        "netns-dataplane",
        "netns-move-interfaces",
        "incus-dataplane",
        "imp-boot-assess",
        "imp-metrics",
        "imp-apply-back",
    ] {
        assert_eq!(
            values(&units[&format!("{name}.service")], "LimitCORE"),
            ["0"],
            "{name}"
        );
    }
}

/// Where the kernel kills the child that reads the documents, systemd must not end its parent, which boots the last good ones.
#[test]
fn documents_that_exhaust_memory_do_not_end_imp_config() {
    assert_eq!(values(&units()["imp-config.service"], "OOMPolicy"), ["continue"]);
}

#[test]
fn no_step_can_hang_the_boot() {
    for (name, unit) in units() {
        if values(&unit, "Type") == ["oneshot"] {
            assert_eq!(
                values(&unit, "TimeoutStartSec").len(),
                1,
                "{name} has no TimeoutStartSec="
            );
        }
    }
}

#[test]
fn the_rules_of_the_unit_graph_hold() {
    let early = [
        "imp-machine-id",
        "imp-config",
        "imp-identity",
        "imp-nftables",
        "netns-dataplane",
        "netns-move-interfaces",
    ];
    for (name, unit) in units() {
        let bare = name.trim_end_matches(".service");
        assert!(
            values(&unit, "BindsTo").is_empty(),
            "{name}: a killed VPP would take it down for good"
        );
        assert!(
            !words(&unit, "Requires").contains("imp-config.service"),
            "{name}: a refused file must not stop it"
        );
        assert!(
            values(&unit, "PrivateTmp").is_empty(),
            "{name}: PrivateTmp= orders it after tmpfiles-setup"
        );
        if early.contains(&bare) {
            assert_eq!(values(&unit, "DefaultDependencies"), ["no"], "{name}");
        }
        if !values(&unit, "RequiresMountsFor").is_empty() {
            assert!(
                words(&unit, "After").contains("zfs-mount.service"),
                "{name}: a ZFS /persistent is not waited for"
            );
        }
        for requirement in words(&unit, "Requires") {
            assert!(
                words(&unit, "After").contains(&requirement),
                "{name}: Requires= without After= {requirement}"
            );
        }
    }
}

#[test]
fn waiting_for_a_nic_holds_up_neither_the_network_nor_ssh() {
    let units = units();
    for (name, unit) in &units {
        let dataplane =
            name.starts_with("vpp-") || name == "frr.service" || name == "netns-move-interfaces.service";
        let before = words(unit, "Before");
        assert!(
            !dataplane || before.iter().all(|unit| unit == "shutdown.target"),
            "{name}: Before={before:?}"
        );
    }
    assert!(words(&units["imp-config.service"], "Before").contains("ssh.service"));
}

/// Our units in a folder of their own, with something executable wherever one of them starts a program.
fn staged() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let programs = dir.path().join("programs");
    fs::create_dir(&programs).unwrap();
    for (name, unit) in units() {
        let mut text = String::new();
        for line in unit.lines() {
            match line.strip_prefix("Exec").and_then(|rest| rest.split_once("=/")) {
                Some((key, command)) => {
                    let (program, words) = command.split_once(' ').unwrap_or((command, ""));
                    let stand_in = programs.join(program.replace('/', "-"));
                    fs::write(&stand_in, "#!/bin/true\n").unwrap();
                    fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
                    text += &format!("Exec{key}={} {words}\n", stand_in.display());
                }
                None => text += &format!("{line}\n"),
            }
        }
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// Runs `systemd-analyze` in the folder. None, after a line that says so, where it is not installed.
fn analyze(test: &str, folder: &Path, words: &[&str]) -> Option<(bool, String)> {
    let output = Command::new("systemd-analyze")
        .args(words)
        .current_dir(folder)
        .env(
            "SYSTEMD_UNIT_PATH",
            format!("{}:/lib/systemd/system", folder.display()),
        )
        .env("SYSTEMD_EMOJI", "0")
        .output();
    let Ok(output) = output else {
        crate::skip::skipped(format!("{test}: no systemd-analyze on this machine"));
        return None;
    };
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), text))
}

#[test]
fn systemd_finds_nothing_wrong_in_them() {
    let dir = staged();
    let names: Vec<String> = units().into_keys().collect();
    let mut arguments = vec!["verify", "--man=no"];
    arguments.extend(names.iter().map(String::as_str));
    if let Some((success, text)) = analyze("systemd_finds_nothing_wrong_in_them", dir.path(), &arguments) {
        let of_ours: Vec<&str> = text
            .lines()
            .filter(|line| names.iter().any(|name| line.contains(name.as_str())))
            .collect();
        assert!(success && of_ours.is_empty(), "{text}");
    }
}

#[test]
fn no_unit_has_more_rights_than_it_had() {
    let dir = staged();
    let listed: BTreeSet<&str> = EXPOSURE.iter().map(|(name, _)| *name).collect();
    for name in units().keys().filter(|name| name.ends_with(".service")) {
        assert!(listed.contains(name.as_str()), "{name} has no limit in EXPOSURE");
    }
    for (name, limit) in EXPOSURE {
        let threshold = format!("--threshold={limit}");
        let file: PathBuf = Path::new(".").join(name);
        let words = [
            "security",
            "--offline=true",
            "--no-pager",
            &threshold,
            file.to_str().unwrap(),
        ];
        let Some((success, text)) = analyze("no_unit_has_more_rights_than_it_had", dir.path(), &words) else {
            return;
        };
        assert!(
            success,
            "{name} is above {limit}: {}",
            text.lines().last().unwrap_or_default()
        );
    }
}

/// Ours is a copy of Debian's unit except for these lines: a new version of that unit fails this test.
#[test]
fn frr_is_debians_but_for_the_known_differences() {
    let Some(root) = std::env::var_os("IMP_TEST_ROOT") else {
        return;
    };
    let debian = fs::read_to_string(Path::new(&root).join("lib/systemd/system/frr.service")).unwrap();
    let ours = &units()["frr.service"];
    let differing = [
        "Wants=network.target",
        "Before=network.target",
        "OnFailure=heartbeat-failed@%n",
        "StartLimitInterval=3m",
        "StartLimitBurst=3",
        "PIDFile=/var/run/frr/watchfrr.pid",
        "ExecReload=/usr/lib/frr/frrinit.sh reload",
        "[Install]",
        "WantedBy=multi-user.target",
    ];
    let lost: Vec<&str> = debian
        .lines()
        .filter(|line| !line.is_empty() && !ours.lines().any(|own| own == *line) && !differing.contains(line))
        .collect();
    assert!(lost.is_empty(), "new in Debian's frr.service: {lost:?}");
}
