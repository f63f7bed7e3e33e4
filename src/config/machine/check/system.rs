//! What may be bound over.

use crate::config::check::Checking;
use crate::config::code::{E0223, E0224};
use crate::config::diag::Diagnostic;
use crate::config::diag::Findings;
use crate::config::index::Index;
use crate::config::source::Located;
use crate::types::Target;
use std::collections::HashMap;

/// Trees nothing is bound over or into: the kernel's, the image's programs, our own.
const PROTECTED_TREES: [&str; 12] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc/frr",
    "/lib",
    "/lib64",
    "/persistent",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
];
/// Directories whose content the image needs; what lies below may be bound over.
const PROTECTED_DIRECTORIES: [&str; 4] = ["/etc", "/etc/systemd", "/var", "/var/lib"];
/// Files that `imp-identity` binds by the name of their source.
const OWN_FILES: [&str; 11] = [
    "/etc/hostname",
    "/etc/hosts",
    "/etc/machine-id",
    "/etc/resolv.conf",
    "/etc/ssh/ssh_host_ecdsa_key",
    "/etc/ssh/ssh_host_ecdsa_key.pub",
    "/etc/ssh/ssh_host_ed25519_key",
    "/etc/ssh/ssh_host_ed25519_key.pub",
    "/etc/ssh/ssh_host_rsa_key",
    "/etc/ssh/ssh_host_rsa_key.pub",
    "/root/.ssh/authorized_keys",
];

/// A directory of `/persistent/data` hides nothing the system lives on.
pub(in crate::config) fn directory_may_be_covered(target: Located<&Target>, cx: &mut Checking<'_>) {
    let path = target.value.as_ref();
    if in_protected_tree(path) || PROTECTED_DIRECTORIES.contains(&path) {
        report(target, "the running system needs what is there", cx);
    }
}

/// An identity file hides nothing the system lives on, and no file that is bound already.
pub(in crate::config) fn file_may_be_covered(target: Located<&Target>, cx: &mut Checking<'_>) {
    let path = target.value.as_ref();
    if in_protected_tree(path) || PROTECTED_DIRECTORIES.contains(&path) {
        report(target, "the running system needs what is there", cx);
    } else if OWN_FILES.contains(&path) {
        report(
            target,
            "a file of the identity folder with a known name is bound there",
            cx,
        );
    }
}

fn in_protected_tree(path: &str) -> bool {
    PROTECTED_TREES.iter().any(|tree| {
        path.strip_prefix(tree)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn report(target: Located<&Target>, reason: &str, cx: &mut Checking<'_>) {
    cx.report(
        Diagnostic::error(
            E0224,
            target.span,
            format!("binding over '{}' is not allowed", target.value),
        )
        .label(reason),
    );
}

/// No two binds have one target: the second would hide the first.
pub(in crate::config) fn targets_differ(index: &Index, found: &mut Findings) {
    let mut seen = HashMap::new();
    for target in &index.bind_targets {
        if let Some(first) = seen.insert(&target.value, target.span) {
            found.report(
                Diagnostic::error(
                    E0223,
                    target.span,
                    format!("two binds have the target '{}'", target.value),
                )
                .also(first, "first here"),
            );
        }
    }
}
