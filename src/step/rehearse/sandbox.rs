//! Puts the process into new namespaces, as root or as an ordinary user.

use crate::exit::{Failure, Kind};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};
use std::fs;

const NONE: Option<&str> = None;

/// Sysctls that restrict user namespaces (of Debian's, Ubuntu's and every kernel): the value that forbids them and one that
/// allows them.
const LIMITS: [(&str, &str, &str); 3] = [
    ("kernel/unprivileged_userns_clone", "0", "1"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
    ("user/max_user_namespaces", "0", "10000"),
];

/// The process is root of user, mount, network and host name namespaces that end with it.
///
/// Root does without a user namespace if the kernel refuses one. The process must have a single thread.
pub fn enter() -> Result<(), Failure> {
    let (uid, gid) = (geteuid(), getegid());
    match unshare(CloneFlags::CLONE_NEWUSER) {
        Ok(()) => {
            // user_namespaces(7): an unprivileged process may only map itself, and must deny setgroups first.
            let write = |file: &str, text: String| fs::write(format!("/proc/self/{file}"), text);
            write("setgroups", "deny".to_owned())
                .and_then(|()| write("uid_map", format!("0 {uid} 1")))
                .and_then(|()| write("gid_map", format!("0 {gid} 1")))
                .map_err(|error| impossible(&error.to_string()))?;
        }
        Err(_) if uid.is_root() => {}
        Err(error) => return Err(impossible(error.desc())),
    }
    let rest = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWUTS;
    unshare(rest).map_err(|error| impossible(error.desc()))?;
    // From here on no mount propagates out of this namespace.
    mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE)
        .map_err(|error| impossible(error.desc()))
}

/// Mounts an empty tmpfs over the directory.
pub fn mount_tmpfs(directory: &str) -> Result<(), Failure> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("imp"), directory, Some("tmpfs"), flags, Some("mode=0755"))
        .map_err(|error: Errno| impossible(error.desc()))
}

/// The error for a machine that does not allow namespaces, with what would allow them.
fn impossible(words: &str) -> Failure {
    let denied = LIMITS.iter().find(|(key, forbids, _)| {
        fs::read_to_string(format!("/proc/sys/{key}")).is_ok_and(|found| found.trim() == *forbids)
    });
    let cure = match denied {
        Some((key, _, allows)) => format!(
            "allow it with 'sysctl -w {}={allows}', or run as root",
            key.replace('/', ".")
        ),
        None if geteuid().is_root() => {
            "in a container, start that one with '--privileged' or '--security-opt seccomp=unconfined'"
                .to_owned()
        }
        None => "run as root, or outside a container that forbids it".to_owned(),
    };
    Failure::new(
        Kind::Privilege,
        format!("this machine does not allow creating namespaces ({words}); {cure}"),
    )
}
