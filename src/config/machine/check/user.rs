//! Who may be called what.

use crate::config::check::Checking;
use crate::config::code::{E0753, E0754, E0755};
use crate::config::diag::Diagnostic;
use crate::config::machine::raw::UserRaw;
use crate::config::machine::user::User;
use crate::config::source::Located;
use crate::types::UserName;
use std::collections::HashMap;

/// Users of every Debian, and of what a router has installed.
const TAKEN: [&str; 37] = [
    "root",
    "daemon",
    "bin",
    "sys",
    "sync",
    "games",
    "man",
    "lp",
    "mail",
    "news",
    "uucp",
    "proxy",
    "www-data",
    "backup",
    "list",
    "irc",
    "_apt",
    "nobody",
    "nogroup",
    "messagebus",
    "sshd",
    "frr",
    "frrvty",
    "vpp",
    "incus",
    "incus-admin",
    "incus-base",
    "dnsmasq",
    "tss",
    "_chrony",
    "syslog",
    "prometheus",
    "adm",
    "sudo",
    "wheel",
    "shadow",
    "users",
];

/// No user has the name of one that every image has: the image's would be the one that is found.
pub(in crate::config) fn names_are_free(names: &[Located<UserName>], cx: &mut Checking<'_>) {
    for name in names {
        let text = name.value.as_ref();
        if TAKEN.contains(&text) || text.starts_with("systemd-") {
            let error = Diagnostic::error(
                E0753,
                name.span,
                format!("'{text}' is a user or a group of the system"),
            );
            cx.report(match text {
                "root" => error.hint("root's keys are in identity/admin_authorized_keys"),
                _ => error.hint("choose another name"),
            });
        }
    }
}

/// No two users have one number: the files of one would be the other's.
pub(in crate::config) fn numbers_differ(users: &[(&Located<UserName>, User)], cx: &mut Checking<'_>) {
    let mut seen = HashMap::new();
    for (name, user) in users {
        if let Some(first) = seen.insert(user.uid, name.span) {
            let message = format!("two users have the number {}", user.uid);
            cx.report(
                Diagnostic::error(E0754, name.span, message)
                    .also(first, "the other")
                    .hint("give one of them another `uid`"),
            );
        }
    }
}

/// A user without a key and without a password is for nobody.
pub(in crate::config) fn somebody_can_log_in(name: &Located<UserName>, raw: &UserRaw, cx: &mut Checking<'_>) {
    if !raw.ssh_keys.is_flawed() && raw.ssh_keys.items().is_empty() && !raw.password_hash_file.is_written() {
        cx.report(
            Diagnostic::warning(E0755, name.span, format!("nobody can log in as '{}'", name.value))
                .label("it has no key and no password"),
        );
    }
}
