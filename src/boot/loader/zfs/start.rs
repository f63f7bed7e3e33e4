//! What an image is started with: its kernel, the initramfs that belongs to it, and the command line. By the rules of
//! ZFSBootMenu 3.1.0 (`find_be_kernels`, `select_kernel`, `load_be_cmdline`), so that a trial is what the image gets later.

use crate::boot::loader::BackendError;
use crate::boot::trial::panic;
use crate::facts;
use crate::host::zfs::Pools;
use crate::types::{DatasetName, TrialId};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Words that are not the image's to say: the loader writes them.
const OF_THE_LOADER: [&str; 3] = ["root", "spl_hostid", "spl.spl_hostid"];

/// A kernel and its initramfs, as paths within the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelFiles {
    /// `/boot/vmlinuz-6.1.0-50-cloud-amd64`
    pub kernel: String,
    /// `/boot/initrd.img-6.1.0-50-cloud-amd64`
    pub initramfs: String,
}

/// The pair that is started out of the names in `/boot`: the last in the order of versions, or the last that
/// `org.zfsbootmenu:kernel` names. `None` when no kernel has an initramfs.
pub fn kernel_files(names: &BTreeSet<String>, wanted: Option<&str>) -> Option<KernelFiles> {
    let mut kernels: Vec<&String> = names.iter().filter(|name| is_kernel(name)).collect();
    kernels.sort_by(|one, other| by_version(one, other));
    let mut pairs: Vec<KernelFiles> = kernels
        .into_iter()
        .filter_map(|kernel| {
            Some(KernelFiles {
                kernel: format!("/boot/{kernel}"),
                initramfs: format!("/boot/{}", initramfs(kernel, names)?),
            })
        })
        .collect();
    let last = pairs.pop();
    let chosen = wanted.filter(|wanted| !last.as_ref().is_some_and(|pair| pair.kernel.contains(wanted)));
    chosen
        .and_then(|wanted| pairs.into_iter().rfind(|pair| pair.kernel.contains(wanted)))
        .or(last)
}

fn is_kernel(name: &str) -> bool {
    let kind = name.split('-').next().unwrap_or_default();
    ["vmlinux", "vmlinuz", "linux", "linuz", "kernel"].contains(&kind)
}

fn initramfs(kernel: &str, names: &BTreeSet<String>) -> Option<String> {
    let version = kernel.find('-').map_or("", |hyphen| &kernel[hyphen..]);
    [
        format!("initramfs-{kernel}.img"),
        format!("initramfs{version}.img"),
        format!("initrd.img-{kernel}"),
        format!("initrd.img{version}"),
        format!("initramfs-{kernel}"),
        format!("initramfs{version}"),
    ]
    .into_iter()
    .find(|name| names.contains(name))
}

/// As `sort -V`, by which ZFSBootMenu chooses: numbers count as numbers. The order of UAPI.10 is another one.
fn by_version(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one, other);
    loop {
        let (text, rest) = split(one, |c| !c.is_ascii_digit());
        let (other_text, other_rest) = split(other, |c| !c.is_ascii_digit());
        let (number, rest) = split(rest, |c| c.is_ascii_digit());
        let (other_number, other_rest) = split(other_rest, |c| c.is_ascii_digit());
        let significant = |number: &str| number.trim_start_matches('0').len();
        let order = text
            .cmp(other_text)
            .then(significant(number).cmp(&significant(other_number)))
            .then_with(|| {
                number
                    .trim_start_matches('0')
                    .cmp(other_number.trim_start_matches('0'))
            });
        if order.is_ne() || (rest.is_empty() && other_rest.is_empty()) {
            return order;
        }
        (one, other) = (rest, other_rest);
    }
}

fn split(text: &str, is: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !is(c)).unwrap_or(text.len()))
}

/// The image's own words, as `org.zfsbootmenu:commandline` has them with every `%{parent}` filled in.
pub fn own_command_line(pools: &Pools, image: &DatasetName) -> Result<String, BackendError> {
    let Some((own, source)) = pools.value(image, "org.zfsbootmenu:commandline")? else {
        return Ok(String::new());
    };
    if !own.contains("%{parent}") {
        return Ok(own);
    }
    let above = match image.parent() {
        Some(parent) => own_command_line(pools, &parent)?,
        None => String::new(),
    };
    // An inherited line was filled in where it is set.
    Ok(if source.starts_with("inherited") {
        above
    } else {
        own.replace("%{parent}", &above)
    })
}

/// The whole command line of an attempt. `running` is the line of the kernel that runs: the image gets the same host id, or
/// its import of the pool could be refused.
pub fn command_line(
    image: &DatasetName,
    prefix: Option<&str>,
    words: &str,
    running: &str,
    trial: &TrialId,
) -> String {
    let mut line = vec![format!("{}{image}", prefix.unwrap_or("root=zfs:"))];
    let own: Vec<&str> = match words.split_whitespace().collect::<Vec<_>>() {
        none if none.is_empty() => vec!["quiet", "loglevel=4"],
        own => own,
    };
    line.extend(
        own.into_iter()
            .filter(|word| !OF_THE_LOADER.contains(&name(word)))
            .map(str::to_owned),
    );
    let host_id = running
        .split_whitespace()
        .filter(|word| ["spl_hostid", "spl.spl_hostid"].contains(&name(word)));
    line.extend(host_id.map(str::to_owned));
    format!("{} {}", panic::with_reset(&line.join(" ")), mark(trial))
}

fn name(word: &str) -> &str {
    word.split('=').next().unwrap_or_default()
}

/// The word by which an image knows that a script started it on its one attempt, and no operator did.
pub fn mark(trial: &TrialId) -> String {
    format!("{}{trial}", facts::boot::TRIAL)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_newest_kernel_with_an_initramfs() {
        let boot = names(&[
            "vmlinuz-6.1.0-9-amd64",
            "initrd.img-6.1.0-9-amd64",
            "vmlinuz-6.1.0-50-amd64",
            "initrd.img-6.1.0-50-amd64",
            "vmlinuz-6.1.0-51-amd64",
            "config-6.1.0-51-amd64",
            "System.map-6.1.0-50-amd64",
        ]);
        let found = kernel_files(&boot, None).unwrap();
        assert_eq!(found.kernel, "/boot/vmlinuz-6.1.0-50-amd64");
        assert_eq!(found.initramfs, "/boot/initrd.img-6.1.0-50-amd64");
        assert_eq!(
            kernel_files(&boot, Some("0-9-")).unwrap().kernel,
            "/boot/vmlinuz-6.1.0-9-amd64"
        );
        assert_eq!(
            kernel_files(&boot, Some("9.9")).unwrap(),
            found,
            "one that names none is no choice"
        );
    }

    #[test]
    fn a_kernel_alone_is_no_pair() {
        assert_eq!(
            kernel_files(&names(&["vmlinuz-6.1", "initrd.img-6.2"]), None),
            None
        );
        assert_eq!(kernel_files(&names(&["vmlinuz.old", "kernels-6"]), None), None);
        assert!(kernel_files(&names(&["kernel", "initramfs-kernel.img"]), None).is_some());
    }

    #[test]
    fn versions_are_in_order() {
        let mut list = ["b-1", "a-10", "a-2", "a", "a-010", "a-2.10", "a-2.9"];
        list.sort_by(|one, other| by_version(one, other));
        assert_eq!(list, ["a", "a-2", "a-2.9", "a-2.10", "a-10", "a-010", "b-1"]);
    }

    #[test]
    fn the_loaders_words_are_the_loaders() {
        let image: DatasetName = "tank/ROOT/b".parse().unwrap();
        let trial: TrialId = "0a1b2c3d4e5f".parse().unwrap();
        let running = "root=zfs:tank/ROOT/a console=ttyS0 spl.spl_hostid=0x00bab10c quiet";
        assert_eq!(
            command_line(
                &image,
                None,
                "console=ttyS1 panic=5 root=zfs:tank/ROOT/x spl_hostid=1",
                running,
                &trial
            ),
            "root=zfs:tank/ROOT/b console=ttyS1 panic=5 spl.spl_hostid=0x00bab10c imp.trial=0a1b2c3d4e5f"
        );
        assert_eq!(
            command_line(&image, Some("root=ZFS="), "", "", &trial),
            "root=ZFS=tank/ROOT/b quiet loglevel=4 panic=10 imp.trial=0a1b2c3d4e5f"
        );
    }
}
