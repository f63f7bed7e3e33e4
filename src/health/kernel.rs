//! Whether kernel and image belong together: modules of this kernel, ZFS in kernel and userland, the pools.

use super::{About, DEADLINE, Running};
use crate::boot::trial::outcome::{CheckOutcome, Scope};
use crate::exit::{Failure, Kind};
use crate::host::file;
use crate::host::paths::{INSTALLED_MODULES, KERNEL_RELEASE, MODULES};
use crate::host::zfs::{Pools, ZfsError};
use crate::types::Root;
use std::time::Duration;

/// `zpool` of a pool that lost its disks never ends; the kernel may then not even kill it.
const ZFS: Duration = Duration::from_secs(4);

/// What is seen of the modules of the running kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules {
    /// `uname -r`.
    pub release: String,
    /// Whether the kernel takes modules at all.
    pub modular: bool,
    /// Whether the image has a folder for this release.
    pub installed: bool,
    /// In a container the kernel is somebody else's.
    pub container: bool,
}

/// What is seen of ZFS: the kernel module's version, and what `zfs version` or `zpool list` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zfs {
    /// `/sys/module/zfs/version`; `None` when it is not loaded.
    pub module: Option<String>,
    /// What the program said.
    pub said: Result<String, String>,
}

/// The three checks. A machine without ZFS needs two of them not.
pub fn checks(root: &Root) -> [Running<'static>; 3] {
    let about = |name: &str| About::new(name, Scope::Boot, true, false);
    let roots = [root.clone(), root.clone(), root.clone()];
    let [first, second, third] = roots;
    [
        Running::start(
            about("kernel modules"),
            DEADLINE,
            move || modules(&first),
            judge_modules,
        ),
        Running::start(
            about("zfs versions"),
            DEADLINE,
            move || zfs(&second, |pools| pools.versions(ZFS)),
            judge_versions,
        ),
        Running::start(
            about("zfs pools"),
            DEADLINE,
            move || zfs(&third, |pools| pools.all(ZFS)),
            judge_pools,
        ),
    ]
}

/// A file of the kernel's, trimmed; `None` when it cannot be read.
fn kernel_text(root: &Root, path: &str) -> Option<String> {
    let text = file::read_text(&root.join(path)).ok()??;
    Some(text.trim().to_owned())
}

fn modules(root: &Root) -> Modules {
    let release = kernel_text(root, KERNEL_RELEASE).unwrap_or_default();
    Modules {
        modular: root.join("/proc/modules").exists(),
        installed: root.join(INSTALLED_MODULES).join(&release).is_dir(),
        container: root.join("/run/systemd/container").exists(),
        release,
    }
}

fn zfs(root: &Root, ask: impl Fn(&Pools) -> Result<String, ZfsError>) -> Zfs {
    let module = kernel_text(root, &format!("{MODULES}/zfs/version"));
    let said = match &module {
        Some(_) => ask(&Pools::of(root)),
        None => Ok(String::new()),
    };
    Zfs {
        module,
        said: said.map_err(|error| Failure::from_error(Kind::Failed, &error).to_string()),
    }
}

/// An image with a kernel of one build and modules of another boots, and lacks every driver.
pub fn judge_modules(about: &About, seen: Modules) -> Vec<CheckOutcome> {
    let expected = format!("modules of kernel {}", seen.release);
    vec![match seen {
        Modules { installed: true, .. } => about.passed(expected, "installed"),
        Modules { modular: false, .. } => about.not_needed(expected, "this kernel takes none"),
        Modules { container: true, .. } => about.not_needed(expected, "this is a container"),
        Modules { release, .. } => about.failed(expected, format!("no /lib/modules/{release}")),
    }]
}

/// The same release in the kernel and in userland; Debian's own revision may differ.
pub fn judge_versions(about: &About, seen: Zfs) -> Vec<CheckOutcome> {
    const EXPECTED: &str = "one release of ZFS in kernel and userland";
    let Some(module) = seen.module else {
        return vec![about.not_needed(EXPECTED, "no ZFS in this kernel")];
    };
    let said = match seen.said {
        Ok(said) => said,
        Err(words) => return vec![about.failed(EXPECTED, words)],
    };
    let userland = said
        .lines()
        .filter_map(|line| line.trim().strip_prefix("zfs-"))
        .find(|version| !version.starts_with("kmod-"));
    vec![match userland {
        Some(version) if release(version) == release(&module) => {
            about.passed(EXPECTED, format!("{} in both", release(version)))
        }
        Some(version) => about.failed(EXPECTED, format!("kernel {module}, userland {version}")),
        None => about.failed(EXPECTED, format!("'zfs version' said '{said}'")),
    }]
}

/// `2.2.7` of `2.2.7-1~bpo12+1`.
fn release(version: &str) -> &str {
    version.split('-').next().unwrap_or(version)
}

/// Every imported pool works. A degraded one does; somebody should bring a disk.
pub fn judge_pools(about: &About, seen: Zfs) -> Vec<CheckOutcome> {
    const EXPECTED: &str = "every pool ONLINE";
    if seen.module.is_none() {
        return vec![about.not_needed(EXPECTED, "no ZFS in this kernel")];
    }
    let said = match seen.said {
        Ok(said) => said,
        Err(words) => return vec![about.failed(EXPECTED, words)],
    };
    let pools: Vec<(&str, &str)> = said.lines().filter_map(|line| line.split_once('\t')).collect();
    if pools.is_empty() {
        return vec![about.not_needed(EXPECTED, "no pool is imported")];
    }
    let worst = pools.iter().max_by_key(|(_, health)| match *health {
        "ONLINE" => 0,
        "DEGRADED" => 1,
        _ => 2,
    });
    let list: Vec<String> = pools
        .iter()
        .map(|(name, health)| format!("{name} {health}"))
        .collect();
    let list = list.join(", ");
    vec![match worst {
        Some((_, "ONLINE")) | None => about.passed(EXPECTED, list),
        Some((_, "DEGRADED")) => about.warning().failed(EXPECTED, list),
        Some(_) => about.failed(EXPECTED, list),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::trial::outcome::CheckState;

    fn about() -> About {
        About::new("zfs", Scope::Boot, true, false)
    }

    fn seen(module: &str, said: &str) -> Zfs {
        Zfs {
            module: Some(module.to_owned()),
            said: Ok(said.to_owned()),
        }
    }

    #[test]
    fn a_degraded_pool_warns_and_a_faulted_one_rejects() {
        let judge = |said| judge_pools(&about(), seen("2.2.7-1", said)).remove(0);
        assert_eq!(judge("tank\tONLINE").state, CheckState::Passed);
        let degraded = judge("data\tONLINE\ntank\tDEGRADED");
        assert_eq!(degraded.observed, "data ONLINE, tank DEGRADED");
        assert!(degraded.state == CheckState::Failed && !degraded.rejects());
        assert!(judge("tank\tDEGRADED\ndata\tSUSPENDED").rejects());
        assert_eq!(judge("").state, CheckState::NotNeeded);
    }

    #[test]
    fn kernel_and_userland_are_of_one_release() {
        let judge = |module, said| judge_versions(&about(), seen(module, said)).remove(0);
        let said = "zfs-2.2.7-1~bpo12+1\nzfs-kmod-2.2.6-1";
        assert_eq!(judge("2.2.7-2", said).observed, "2.2.7 in both");
        let other = judge("2.2.6-1", said);
        assert_eq!(other.observed, "kernel 2.2.6-1, userland 2.2.7-1~bpo12+1");
        assert!(other.rejects() && !other.config_can_cause);
        assert!(judge("2.2.6-1", "usage").rejects());
    }

    #[test]
    fn a_kernel_without_its_modules_is_no_image() {
        let mut modules = Modules {
            release: "6.1.0-40-amd64".to_owned(),
            modular: true,
            installed: false,
            container: false,
        };
        let judge = |modules: &Modules| judge_modules(&about(), modules.clone()).remove(0);
        assert_eq!(judge(&modules).observed, "no /lib/modules/6.1.0-40-amd64");
        assert!(judge(&modules).rejects());
        modules.container = true;
        assert_eq!(judge(&modules).state, CheckState::NotNeeded);
    }
}
