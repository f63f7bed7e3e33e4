//! `ostree admin` on one sysroot (ostree(1)): the list of deployments, and the few verbs that change it. Never those that
//! toggle (`bootc rollback`, `rpm-ostree rollback`): done twice, they undo themselves.

use super::status::{self, Deployment};
use crate::boot::loader::BackendError;
use crate::facts::mount;
use crate::host::process::{self, ProcessError};
use crate::types::{ImageName, Root};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A list is read from a directory of links.
const LOOK: Duration = Duration::from_secs(20);
/// A deployment's files are written, and the boot menu is regenerated. An operator waits for it.
const CHANGE: Duration = Duration::from_secs(600);
/// The boot menu is regenerated without a deployment, then its files go. Well under `TimeoutStartSec=` of
/// `imp-boot-classify.service`, which must not die of a slow disk: a deployment whose files are not all gone by then is out of
/// the menu, so that the next boot has nothing left to do but take the token away. ostree removes the rest with its next change.
const REMOVE: Duration = Duration::from_secs(20);

/// Where GRUB's configuration is, on Fedora and on Debian.
pub const GRUB: [&str; 2] = ["boot/grub2", "boot/grub"];

/// The deployments of a machine.
#[derive(Debug, Clone)]
pub struct Sysroot(Root);

impl Sysroot {
    /// Those of this root.
    pub fn of(root: &Root) -> Self {
        Self(root.clone())
    }

    /// The deployments, staged ones first, then in the order of the boot menu.
    pub fn deployments(&self) -> Result<Vec<Deployment>, BackendError> {
        let found = match self.admin(&["status", "--json"], LOOK) {
            Ok(text) => status::from_json(&text),
            // Before 2024.7.
            Err(ProcessError::Ended { stderr, .. }) if stderr.contains("Unknown option --json") => {
                status::from_text(&self.admin(&["status"], LOOK)?)
            }
            Err(error) => return Err(error.into()),
        };
        let mut found = found.map_err(BackendError::Unreadable)?;
        if !found.iter().any(|one| one.booted)
            && let Some(booted) = self.booted()
        {
            for one in &mut found {
                one.booted = one.folder() == booted;
            }
        }
        Ok(found)
    }

    /// The folder of the deployment that is mounted as `/`: ostree itself says which one runs only to those who see the
    /// machine's own `/`.
    fn booted(&self) -> Option<String> {
        let mounts = mount::mounts_of(&self.0).ok()?;
        let top = mounts.into_iter().rfind(|mount| mount.target == Path::new("/"))?;
        Some(top.source.to_str()?.trim_start_matches('/').to_owned())
    }

    /// The deployment is out of the list and its files are gone. Removing one that does not exist is not an error.
    pub fn remove(&self, image: &ImageName) -> Result<(), BackendError> {
        let found = self.deployments()?;
        let Some(index) = found.iter().position(|one| one.name == *image) else {
            return Ok(());
        };
        if found[index].booted {
            return Err(BackendError::Image {
                image: image.clone(),
                problem: "is running and cannot be removed".to_owned(),
            });
        }
        self.admin(&["undeploy", &index.to_string()], REMOVE)?;
        if self.deployments()?.iter().any(|one| one.name == *image) {
            return Err(BackendError::NotRead(format!("'{image}', removed,")));
        }
        Ok(())
    }

    /// The deployment is on top of the boot menu.
    pub fn put_on_top(&self, image: &ImageName) -> Result<(), BackendError> {
        let found = self.deployments()?;
        let index = found.iter().position(|one| one.name == *image);
        let index = index.ok_or_else(|| missing(image))?;
        self.admin(&["set-default", &index.to_string()], CHANGE)?;
        match self.deployments()?.iter().find(|one| !one.staged) {
            Some(top) if top.name == *image => Ok(()),
            _ => Err(BackendError::NotRead(format!(
                "'{image}' on top of the boot menu"
            ))),
        }
    }

    /// The commit of a deployment, staged once more.
    pub fn stage_again(&self, one: &Deployment) -> Result<(), BackendError> {
        let stateroot = format!("--os={}", one.stateroot);
        self.admin(&["deploy", "--stage", &stateroot, &one.checksum], CHANGE)?;
        Ok(())
    }

    /// Where the files of a deployment are.
    pub fn folder(&self, one: &Deployment) -> std::path::PathBuf {
        self.0.join(one.folder())
    }

    /// The directory of GRUB's configuration; `None` where another loader is.
    pub fn grub(&self) -> Option<std::path::PathBuf> {
        GRUB.map(|dir| self.0.join(dir))
            .into_iter()
            .find(|dir| dir.join("grub.cfg").is_file())
    }

    fn admin(&self, verb: &[&str], deadline: Duration) -> Result<String, ProcessError> {
        let sysroot = format!("--sysroot={}", self.0.path().display());
        let mut words = vec!["admin"];
        words.extend(verb);
        if !self.0.is_machine() {
            words.push(&sysroot);
        }
        process::run("ostree", &words, deadline)
    }
}

/// The deployment that runs, by the kernel's command line alone (ostree-prepare-root(1)); for when ostree cannot be asked.
pub fn running(root: &Root) -> Option<ImageName> {
    let line = crate::host::cmdline::text(root);
    let words = line.split_whitespace();
    let link = words
        .filter_map(|word| word.strip_prefix("ostree="))
        .next_back()?;
    let folder = root.join("sysroot").join(link.trim_start_matches('/'));
    let folder = folder.canonicalize().ok()?;
    // .../STATEROOT/deploy/CHECKSUM.SERIAL
    let deployment = folder.file_name()?.to_str()?;
    let stateroot = folder.parent()?.parent()?.file_name()?.to_str()?;
    format!("{stateroot}-{deployment}").parse().ok()
}

/// Whether ostree started this machine (ostree-prepare-root(1)).
pub fn is_booted(root: &Root) -> bool {
    root.join("run/ostree-booted").exists()
        || crate::host::cmdline::value(&crate::host::cmdline::text(root), "ostree").is_some()
}

/// The kernel and the initramfs in the files of a deployment (ostree(1), "Bootloader"); what is missing.
pub fn lacks(folder: &Path) -> Option<&'static str> {
    let modules = fs::read_dir(folder.join("usr/lib/modules"));
    let mut kernels = modules.into_iter().flatten().flatten();
    kernels
        .find(|entry| entry.path().join("vmlinuz").is_file())
        .map_or(Some("no kernel (usr/lib/modules/*/vmlinuz)"), |entry| {
            let initramfs = entry.path().join("initramfs.img");
            (!initramfs.is_file()).then_some("no initramfs (initramfs.img beside its kernel)")
        })
}

/// There is no such deployment.
pub fn missing(image: &ImageName) -> BackendError {
    BackendError::Image {
        image: image.clone(),
        problem: "is not a deployment; 'ostree admin status' shows them".to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_ends_well_before_the_step_that_waits_for_it() {
        let unit = include_str!("../../../../units/imp-boot-classify.service");
        let limit = unit
            .lines()
            .find_map(|line| line.strip_prefix("TimeoutStartSec="));
        let limit: u64 = limit.unwrap().parse().unwrap();
        assert!(2 * REMOVE.as_secs() < limit);
    }
}
