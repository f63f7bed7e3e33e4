//! The real `ostree admin` on a sysroot that never boots: what the list says, and the way there and back. Needs root and the
//! package; staging needs a booted host, so here the candidate is on top as shutdown would have put it.
#![allow(clippy::unwrap_used)]

use crate::skip::skipped;
use imp::boot::loader::Backend as _;
use imp::boot::loader::ostree::Ostree;
use imp::boot::trial::classify::Token;
use imp::host::privilege;
use imp::step::boot::rights;
use imp::types::{ImageName, Root};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::PathBuf;
use std::process::Command;

struct Host {
    dir: tempfile::TempDir,
}

impl Host {
    /// A sysroot with one deployment, which runs. `None`, and a line, where there is no ostree.
    fn new() -> Option<Self> {
        if !nix::unistd::getuid().is_root() || Command::new("ostree").arg("--version").output().is_err() {
            skipped("ostree deployments: needs root and the package ostree");
            return None;
        }
        let host = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        host.ostree(&["admin", "init-fs", host.path("").to_str().unwrap()]);
        host.admin(&["os-init", "imp"]);
        let repo = host.repo();
        host.ostree(&["config", &repo, "set", "sysroot.bootloader", "none"]);
        for (path, text) in [
            (
                "proc/sys/kernel/random/boot_id",
                "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\n",
            ),
            ("boot/grub/grub.cfg", ""),
            (
                "boot/grub/custom.cfg",
                include_str!("../../units/grub/custom.cfg"),
            ),
        ] {
            host.write(path, text);
        }
        let first = host.deploy("1");
        host.boot(&first);
        Some(host)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn repo(&self) -> String {
        format!("--repo={}", self.path("ostree/repo").display())
    }

    fn ostree(&self, words: &[&str]) -> String {
        // Immutable ones would outlive the directory they are in.
        let output = Command::new("ostree")
            .env("OSTREE_SYSROOT_DEBUG", "mutable-deployments")
            .args(words)
            .output()
            .unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn admin(&self, words: &[&str]) -> String {
        let sysroot = format!("--sysroot={}", self.path("").display());
        self.ostree(&[&["admin"], words, &[sysroot.as_str()]].concat())
    }

    /// A commit with a kernel of its own, on top of the menu.
    fn deploy(&self, version: &str) -> ImageName {
        let tree = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("usr/lib/modules/6.1/vmlinuz", version),
            ("usr/lib/modules/6.1/initramfs.img", "initramfs"),
            ("usr/etc/os-release", "ID=imp\nPRETTY_NAME=IMP\n"),
            ("usr/lib/imp/image.toml", "version = \"1\"\n"),
        ] {
            let path = tree.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        // As polkit's: somebody else's, and closed to everybody else.
        let closed = tree.path().join("usr/etc/closed");
        fs::create_dir(&closed).unwrap();
        fs::write(closed.join("rules"), version).unwrap();
        chown(&closed, Some(65534), Some(65534)).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        let folder = tree.path().to_str().unwrap();
        let checksum = self.ostree(&["commit", &self.repo(), "--branch=imp/x", folder]);
        self.admin(&["deploy", "--os=imp", "--retain", "imp/x"]);
        format!("imp-{checksum}.0").parse().unwrap()
    }

    /// This deployment is what is mounted as `/`.
    fn boot(&self, image: &ImageName) {
        let deployment = image.as_ref().strip_prefix("imp-").unwrap();
        let line =
            format!("25 1 254:3 /ostree/deploy/imp/deploy/{deployment} / rw shared:1 - ext4 /dev/vda3 rw\n");
        self.write("proc/self/mountinfo", &line);
        self.write("proc/cmdline", "quiet ostree=/ostree/boot.1/imp/x/0 rw\n");
    }

    fn backend(&self) -> Ostree {
        Ostree::of(&Root::new(self.dir.path())).unwrap()
    }

    /// The token as `impctl` writes it and GRUB changes it.
    fn token(&self, state: &str, image: &ImageName, from: &ImageName, stood: &str) {
        let head = "# GRUB Environment Block\n";
        let text = format!(
            "{head}imp_from={from}\nimp_image={image}\nimp_stood={stood}\nimp_token={state}\nimp_trial=0a1b2c3d4e5f\n"
        );
        self.write("boot/grub/imp.env", &format!("{text:#<1024}"));
    }

    fn token_file(&self) -> Option<String> {
        fs::read_to_string(self.path("boot/grub/imp.env")).ok()
    }

    fn menu(&self) -> Vec<ImageName> {
        self.backend()
            .images()
            .unwrap()
            .into_iter()
            .map(|image| image.name)
            .collect()
    }
}

#[test]
fn a_failed_candidate_is_taken_out_of_the_menu_before_its_token_goes() {
    let Some(host) = Host::new() else { return };
    let good = host.menu().remove(0);
    let candidate = host.deploy("2");
    host.boot(&good);
    host.token("spent", &candidate, &good, "no");
    let backend = host.backend();
    let loader = backend.loader().unwrap();
    assert_eq!(
        (Some(&loader.booted), loader.default.image()),
        (Some(&good), Some(&good))
    );
    assert!(matches!(&loader.token, Token::Consumed(attempt) if attempt.image == candidate));

    backend.clear().unwrap();
    assert_eq!(host.menu(), std::slice::from_ref(&good));
    assert_eq!(host.token_file(), None);
    assert_eq!(backend.loader().unwrap().token, Token::None);
    backend.clear().unwrap();

    // Cut in between: the deployment is gone, the token is not.
    host.token("spent", &candidate, &good, "yes");
    assert!(matches!(backend.loader().unwrap().token, Token::Consumed(_)));
    backend.clear().unwrap();
    assert_eq!(host.token_file(), None);
}

/// As `imp-boot-classify.service` does it: with its capabilities, and no others.
#[test]
fn a_failed_candidate_is_removed_with_the_rights_of_the_step() {
    let Some(host) = Host::new() else { return };
    let good = host.menu().remove(0);
    let candidate = host.deploy("2");
    host.boot(&good);
    host.token("spent", &candidate, &good, "no");
    std::thread::scope(|scope| {
        let step = || {
            privilege::keep_also(&[], rights("classify")).unwrap();
            host.backend().clear().unwrap();
        };
        scope.spawn(step).join().unwrap();
    });
    let deployment = candidate.as_ref().strip_prefix("imp-").unwrap();
    assert!(!host.path("ostree/deploy/imp/deploy").join(deployment).exists());
    assert_eq!(host.token_file(), None);
}

#[test]
fn a_third_deployment_does_not_run_for_ever_where_power_went_while_the_candidate_was_removed() {
    let Some(host) = Host::new() else { return };
    let older = host.menu().remove(0);
    let good = host.deploy("2");
    let gone: ImageName = format!("imp-{}.0", "c".repeat(64)).parse().unwrap();
    let backend = host.backend();
    for (stood, closed) in [("yes", true), ("no", false)] {
        // GRUB starts the second entry.
        host.boot(&older);
        host.token("spent", &gone, &good, stood);
        backend.renew_proof().unwrap();
        assert!(host.token_file().unwrap().contains("imp_token=blessed\n"));
        let loader = backend.loader().unwrap();
        assert_eq!(
            (Some(&loader.booted), loader.default.image()),
            (Some(&older), Some(&good))
        );
        // And the entry on top at the next boot, which knows what became of the trial.
        host.boot(&good);
        backend.renew_proof().unwrap();
        let loader = backend.loader().unwrap();
        assert_eq!(
            (Some(&loader.booted), loader.default.image()),
            (Some(&good), Some(&good))
        );
        assert_eq!(matches!(loader.token, Token::Consumed(_)), closed, "{loader:?}");
        backend.clear().unwrap();
        assert_eq!(host.token_file(), None);
        assert_eq!(host.menu(), [good.clone(), older.clone()]);
    }
    // Not where something else is on top, which nobody tried: the token is all that keeps GRUB from it.
    let unknown = host.deploy("3");
    host.boot(&good);
    host.token("spent", &gone, &good, "yes");
    backend.renew_proof().unwrap();
    assert!(host.token_file().unwrap().contains("imp_token=spent\n"));
    // Nor where the candidate is there.
    host.token("spent", &unknown, &good, "no");
    backend.renew_proof().unwrap();
    assert!(host.token_file().unwrap().contains("imp_token=spent\n"));
}

#[test]
fn a_candidate_that_runs_is_blessed_in_place() {
    let Some(host) = Host::new() else { return };
    let good = host.menu().remove(0);
    let candidate = host.deploy("2");
    host.boot(&candidate);
    host.token("spent", &candidate, &good, "no");
    let backend = host.backend();
    let loader = backend.loader().unwrap();
    assert_eq!(
        (Some(&loader.booted), loader.default.image()),
        (Some(&candidate), Some(&good))
    );
    assert!(backend.clear().unwrap_err().to_string().contains("is running"));

    backend.set_default(&candidate).unwrap();
    assert!(host.token_file().unwrap().contains("imp_token=blessed\n"));
    let loader = backend.loader().unwrap();
    assert_eq!(
        (Some(&loader.booted), loader.default.image()),
        (Some(&candidate), Some(&candidate))
    );
    backend.clear().unwrap();
    assert_eq!(host.token_file(), None);
    assert_eq!(host.menu(), [candidate.clone(), good]);
    assert_eq!(backend.loader().unwrap().default, candidate);
}

#[test]
fn a_torn_token_stays_while_something_unknown_is_on_top() {
    let Some(host) = Host::new() else { return };
    let good = host.menu().remove(0);
    let unknown = host.deploy("2");
    host.boot(&good);
    host.write("boot/grub/imp.env", "torn");
    let backend = host.backend();
    assert_eq!(backend.loader().unwrap().default, good);
    let refused = backend.clear().unwrap_err().to_string();
    assert!(
        refused.contains(unknown.as_ref()) && refused.contains("undeploy"),
        "{refused}"
    );
    assert!(host.token_file().is_some());
    host.admin(&["undeploy", "0"]);
    backend.clear().unwrap();
    assert_eq!(host.token_file(), None);
}

#[test]
fn images_have_files_a_kernel_and_metadata() {
    let Some(host) = Host::new() else { return };
    let backend = host.backend();
    let image = backend.images().unwrap().remove(0);
    assert_eq!(format!("imp-{}.0", image.identity), image.name.to_string());
    let metadata = imp::boot::image::Metadata::read(&image.mounted.clone().unwrap());
    assert_eq!(metadata.to_string(), "1");
    backend.check(&image.name).unwrap();
    fs::remove_file(image.mounted.unwrap().join("usr/lib/modules/6.1/initramfs.img")).unwrap();
    assert!(
        backend
            .check(&image.name)
            .unwrap_err()
            .to_string()
            .contains("no initramfs")
    );
    let none: ImageName = "imp-none.0".parse().unwrap();
    assert!(
        backend
            .check(&none)
            .unwrap_err()
            .to_string()
            .contains("is not a deployment")
    );
    assert!(backend.strategies()[0].proof.is_err());
}
