//! The rendered files that exist on the machine.

use crate::host::{file, paths};
use crate::render::Rendered;
use crate::types::{InstanceName, Root};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// Directories in which every file is ours.
const OURS: [&str; 4] = [
    "run/imp/frr",
    "run/imp/incus",
    "run/imp/userdb",
    "run/imp/authorized-keys",
];
/// Single files that are ours.
const FILES: [&str; 14] = [
    paths::NFTABLES,
    "/run/imp/hostname",
    "/run/imp/hosts",
    paths::RESOLV_CONF,
    paths::ISSUE,
    paths::BANNER,
    paths::TIMESYNCD,
    paths::CHRONY,
    paths::RSYSLOG,
    paths::SNMPD_CONF,
    paths::SNMPD,
    paths::HSFLOWD,
    paths::NODE_EXPORTER,
    paths::FRR_EXPORTER,
];
/// Directories that others write to as well, each with the part of the name that marks our files.
const NETWORKS: (&str, &str) = ("run/systemd/network", "-imp-");
/// Units of further instances, see [`crate::plan::unit`].
const UNITS: (&str, &str) = ("run/systemd/system", "vpp-");
/// Units of further instances that the generator wrote.
const GENERATED: (&str, &str) = ("run/systemd/generator", "vpp-");

/// Paths below the root of every rendered file that exists, in no order.
pub fn rendered(root: &Root) -> Vec<String> {
    let mut found: Vec<String> = OURS.iter().flat_map(|dir| files(root, dir, "")).collect();
    found.extend(files(root, NETWORKS.0, NETWORKS.1));
    found.extend(files(root, UNITS.0, UNITS.1));
    found.extend(
        FILES
            .iter()
            .filter(|path| root.join(path).exists())
            .map(|path| paths::relative(path).to_owned()),
    );
    found
}

/// Every rendered file that exists, those of VPP included; one that cannot be read counts as missing.
pub fn existing(root: &Root) -> Vec<Rendered> {
    let paths = rendered(root).into_iter().chain(vpp(root));
    let files = paths.filter_map(|path| {
        let found = root.join(&path);
        Some(Rendered {
            mode: fs::metadata(&found).ok()?.permissions().mode() & 0o7777,
            text: fs::read_to_string(&found).ok()?,
            path,
        })
    });
    files.collect()
}

/// Paths of the files that exist and are not among these.
fn stale(root: &Root, files: &[Rendered]) -> Vec<String> {
    let wanted: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut stale = rendered(root);
    stale.retain(|path| !wanted.contains(path.as_str()));
    stale
}

/// Paths of every file that would change: new ones, those with different content or mode, and those to be removed.
pub fn changes(root: &Root, files: &[Rendered]) -> Vec<String> {
    let holds = |file: &Rendered| file::holds(&root.join(&file.path), file.text.as_bytes(), file.mode);
    let different = files
        .iter()
        .filter(|file| !holds(file))
        .map(|file| file.path.clone());
    stale(root, files).into_iter().chain(different).collect()
}

/// Whether the files of a VPP instance differ in meaning from the existing ones. Comments are ignored: they hold line numbers
/// of the documents, which change.
pub fn vpp_differs(root: &Root, name: &InstanceName, wanted: &[Rendered]) -> bool {
    let own = [
        format!("{}/startup-{name}.conf", paths::relative(paths::VPP)),
        format!("{}/commands-{name}.txt", paths::relative(paths::VPP)),
    ];
    let mut wanted = wanted.iter().filter(|file| own.contains(&file.path));
    wanted.any(|file| {
        let found = fs::read_to_string(root.join(&file.path)).ok();
        found.is_none_or(|found| meaning(&found).ne(meaning(&file.text)))
    })
}

fn meaning(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

/// Names of the units of further instances that systemd got from the generator.
pub fn generated_units(root: &Root) -> Vec<String> {
    let paths = files(root, GENERATED.0, GENERATED.1);
    paths
        .iter()
        .filter_map(|path| Some(path.rsplit_once('/')?.1.to_owned()))
        .collect()
}

/// The VPP instances that have files to run.
pub fn instances(root: &Root) -> Vec<InstanceName> {
    let mut names: Vec<InstanceName> = files(root, paths::relative(paths::VPP), "startup-")
        .iter()
        .filter_map(|path| {
            path.rsplit_once("startup-")?
                .1
                .strip_suffix(".conf")?
                .parse()
                .ok()
        })
        .collect();
    names.sort();
    names
}

/// Regular files with this part in their name, without temporary (hidden) files and links.
fn files(root: &Root, dir: &str, part: &str) -> Vec<String> {
    let entries = fs::read_dir(root.join(dir)).into_iter().flatten().flatten();
    let regular = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    regular
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.') && name.contains(part))
        .map(|name| format!("{dir}/{name}"))
        .collect()
}

/// Paths below the root of the files VPP instances start with, in no order.
pub fn vpp(root: &Root) -> Vec<String> {
    let mut found = files(root, paths::relative(paths::VPP), "startup-");
    found.extend(files(root, paths::relative(paths::VPP), "commands-"));
    found
}
