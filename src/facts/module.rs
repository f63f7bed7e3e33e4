//! Kernel modules: loaded, built in, installed or missing.

use crate::host::paths::{INSTALLED_MODULES, KERNEL_RELEASE, MODULES, PCI_BUS};
use crate::types::Root;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Whether a kernel module is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModuleState {
    /// In the running kernel.
    Loaded,
    /// Installed for it.
    Installed,
    /// Nowhere.
    Missing,
}

/// Whether each of these modules is available. The names are as `modprobe` takes them.
pub fn read(root: &Root, names: &[&str]) -> BTreeMap<String, ModuleState> {
    let folder = modules_folder(root);
    let index = |file: &str| {
        folder
            .as_ref()
            .and_then(|folder| fs::read_to_string(folder.join(file)).ok())
    };
    let builtin = index("modules.builtin").unwrap_or_default();
    let installed = index("modules.dep").unwrap_or_default();
    let state = |name: &str| {
        let loaded = root.join(MODULES).join(name.replace('-', "_")).exists();
        if loaded || names_module(&builtin, name) {
            ModuleState::Loaded
        } else if names_module(&installed, name) {
            ModuleState::Installed
        } else if shows(root, name) {
            ModuleState::Loaded
        } else {
            ModuleState::Missing
        }
    };
    names
        .iter()
        .map(|name| ((*name).to_owned(), state(name)))
        .collect()
}

fn modules_folder(root: &Root) -> Option<PathBuf> {
    let release = fs::read_to_string(root.join(KERNEL_RELEASE)).ok()?;
    Some(root.join(INSTALLED_MODULES).join(release.trim()))
}

/// Whether a line of an index is about this module: `kernel/drivers/vhost/vhost_net.ko.xz: …`.
fn names_module(index: &str, name: &str) -> bool {
    let plain = |text: &str| text.replace('-', "_");
    let wanted = plain(name);
    index.lines().any(|line| {
        let file = line.split(':').next().unwrap_or_default();
        let file = file.rsplit('/').next().unwrap_or_default();
        plain(file.split('.').next().unwrap_or_default()) == wanted
    })
}

/// Whether a built-in module without parameters can be seen on a machine without an index of modules. Checked last, because
/// kmod also creates the device nodes of modules that are only installed.
fn shows(root: &Root, name: &str) -> bool {
    let path = match name {
        "vhost_net" => "/dev/vhost-net".to_owned(),
        "tun" => "/dev/net/tun".to_owned(),
        "8021q" => "/proc/net/vlan".to_owned(),
        "vfio-pci" | "uio_pci_generic" => format!("{PCI_BUS}/drivers/{name}"),
        _ => return false,
    };
    root.join(path).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_names_modules_with_either_hyphen() {
        let index = "kernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/drivers/vfio/vfio.ko.xz\nkernel/net/8021q/8021q.ko:\n";
        assert!(names_module(index, "vfio_pci"));
        assert!(names_module(index, "8021q"));
        assert!(!names_module(index, "vfio"), "a dependency is not the module");
    }
}
