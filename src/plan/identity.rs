//! Identity: persistent files and directories, bind-mounted over the placeholders of a read-only image.

mod hostname;
mod wanted;

use super::{Action, Notice, Plan};
use crate::config::code;
use crate::facts::identity::{BindState, FileFacts, User};
use crate::host::paths::{DATA, IDENTITY, RUN};
use crate::types::ssh_key::NoPrivateKey;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use hostname::pass_over_hostname;
pub use wanted::{Directory, Login, Wanted};

/// The host key that is created on first boot.
pub const HOST_KEY: &str = "ssh_host_ed25519_key";

/// What was in its place and no key that sshd can load.
pub const SET_ASIDE: &str = ".ssh_host_ed25519_key.set-aside";

/// Files that are not bound here because other steps read them: `imp-machine-id` reads `machine-id`, `imp-config` the
/// lists of ports.
const READ_ELSEWHERE: [&str; 3] = ["machine-id", "tcp_ports", "udp_ports"];

/// The host keys that sshd looks for in `/etc/ssh` by default.
const HOST_KEYS: [&str; 6] = [
    "ssh_host_ed25519_key",
    "ssh_host_ed25519_key.pub",
    "ssh_host_ecdsa_key",
    "ssh_host_ecdsa_key.pub",
    "ssh_host_rsa_key",
    "ssh_host_rsa_key.pub",
];

/// A bind mount over a placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// The subject, for the log.
    pub about: String,
    /// A file or directory that outlives the boot.
    pub source: PathBuf,
    /// The placeholder in the image.
    pub target: PathBuf,
    /// What may be created if it is missing.
    pub make: Make,
}

/// Which side of a bind may be created if it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// Neither: the operator provides the source, the image the placeholder.
    Nothing,
    /// Neither, and systemd-resolved may write the target instead: networkd tells it what the source says.
    Resolved,
    /// The source, as an empty directory with the mode and owner of the placeholder.
    Source,
    /// The placeholder, owned by this user and group: its directory is itself persistent.
    Placeholder(u32, u32),
}

/// The directories of `[[bind]]`. They are bound first, because files may be bound inside them.
pub fn directories(wanted: &Wanted) -> Vec<Bind> {
    let bind = |directory: &Directory| Bind {
        about: format!("bind ({})", directory.place),
        source: Path::new(DATA).join(directory.source.as_ref()),
        target: directory.target.as_ref().into(),
        make: Make::Source,
    };
    wanted.directories.iter().map(bind).collect()
}

/// The files to bind: those present under a known name, those of `[[identity.bind]]`, and those `imp-config` rendered.
///
/// Without a configuration (a first boot with an invalid file), only the known names.
pub fn files(
    wanted: Option<&Wanted>,
    files: &BTreeMap<String, FileFacts>,
    user: Option<&User>,
    rendered: &[&str],
) -> Vec<Bind> {
    let identity = |name: &str| Path::new(IDENTITY).join(name);
    let bind = |name: &str, source: PathBuf, target: PathBuf| Bind {
        about: format!("identity '{name}'"),
        source,
        target,
        make: Make::Nothing,
    };
    let mut binds = Vec::new();
    for name in ["hostname", "hosts", "resolv.conf", "issue"] {
        let given = files.contains_key(name);
        let made = rendered.contains(&name);
        // The rendered `hosts` includes the operator's; an operator's other files replace ours.
        let source = if made && (!given || name == "hosts") {
            Path::new(RUN).join(name)
        } else if given {
            identity(name)
        } else {
            continue;
        };
        let managed = wanted.is_some_and(|wanted| wanted.has_management);
        let make = match name == "resolv.conf" && made && !given && managed {
            true => Make::Resolved,
            false => Make::Nothing,
        };
        binds.push(Bind {
            make,
            ..bind(name, source, Path::new("/etc").join(name))
        });
    }
    // The private ed25519 key is created on first boot, so it is always bound; any other only where it exists.
    let keys = HOST_KEYS
        .iter()
        .filter(|name| **name == HOST_KEY || files.contains_key(**name));
    binds.extend(keys.map(|name| bind(name, identity(name), Path::new("/etc/ssh").join(name))));
    let name = "admin_authorized_keys";
    if files.contains_key(name) {
        binds.push(bind(name, identity(name), "/root/.ssh/authorized_keys".into()));
    }
    let name = "user_authorized_keys";
    if let Some(user) = user.filter(|_| files.contains_key(name)) {
        let target = user.home.join(".ssh/authorized_keys");
        let persistent = wanted.is_some_and(|wanted| {
            let mut directories = wanted.directories.iter();
            directories.any(|directory| target.starts_with(directory.target.as_ref()))
        });
        binds.push(Bind {
            make: if persistent {
                Make::Placeholder(user.uid, user.gid)
            } else {
                Make::Nothing
            },
            ..bind(name, identity(name), target)
        });
    }
    for (source, target) in wanted.iter().flat_map(|wanted| &wanted.files) {
        let source = source.as_ref();
        binds.push(bind(source, identity(source), target.as_ref().into()));
    }
    binds
}

/// Every bind is in place. One that cannot be made is reported as an error under its code; the others are still made.
pub fn bind(binds: &[(Bind, BindState)]) -> (Plan, Vec<Notice>) {
    let mut plan = Plan::default();
    let mut errors = Vec::new();
    for (bind, state) in binds {
        let mut actions = Vec::new();
        match (state, bind.make) {
            (BindState::Bound, _) => continue,
            (BindState::Free, _) => {}
            (BindState::NoSource, Make::Source) => actions.push(Action::MakeDirectory {
                path: bind.source.clone(),
                like: bind.target.clone(),
            }),
            (BindState::NoPlaceholder, Make::Placeholder(uid, gid)) => {
                actions.push(Action::MakePlaceholder {
                    path: bind.target.clone(),
                    uid,
                    gid,
                })
            }
            (BindState::LinkToResolved, Make::Resolved) => continue,
            // sshd needs no public half, so an image may leave its placeholder out.
            (BindState::NoPlaceholder, _) if bind.source.extension().is_some_and(|end| end == "pub") => {
                continue;
            }
            (state, _) => {
                errors.push(Notice::new(
                    code::E0513,
                    format!("{}: {}", bind.about, obstacle(*state, bind)),
                ));
                continue;
            }
        }
        actions.push(Action::BindMount {
            source: bind.source.clone(),
            target: bind.target.clone(),
        });
        plan.add(bind.about.clone(), actions);
    }
    (plan, errors)
}

/// What was rendered and bound over a file of the image, and is not rendered any more, is unmounted: the file below it, or
/// what a DHCP client makes of it, is there again.
pub fn uncover(target: &Path) -> Plan {
    let mut plan = Plan::default();
    let target = target.to_owned();
    plan.add(format!("{}", target.display()), vec![Action::Unmount { target }]);
    plan
}

fn obstacle(state: BindState, bind: &Bind) -> String {
    let (source, target) = (bind.source.display(), bind.target.display());
    match state {
        BindState::NoSource => format!("{source} is missing"),
        BindState::NoPlaceholder => {
            format!("{target} is missing in the image: it must contain a placeholder to bind {source} over")
        }
        BindState::Link | BindState::LinkToResolved => format!(
            "{target} is a symbolic link in the image: it must be a regular file to bind {source} over"
        ),
        BindState::KindsDiffer | BindState::Bound | BindState::Free => {
            format!("only one of {source} and {target} is a directory")
        }
    }
}

/// Where a new key is made before it has its name, private and public half. A second key that nobody knows must not stay
/// there.
pub fn new_host_key(path: &Path) -> [PathBuf; 2] {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    ["", ".pub"].map(|end| path.with_file_name(format!(".{name}.imp-new{end}")))
}

/// A new host key. What is in its place is set aside first, if it is something.
pub fn make_host_key(in_its_place: Option<NoPrivateKey>) -> Vec<Action> {
    let path = Path::new(IDENTITY).join(HOST_KEY);
    let set_aside = in_its_place.map(|_| Action::SetAside {
        path: path.clone(),
        name: SET_ASIDE.to_owned(),
    });
    set_aside
        .into_iter()
        .chain([Action::MakeHostKey { path }])
        .collect()
}

/// Whether a file of this name is a private host key of sshd.
pub fn is_host_key(name: &str) -> bool {
    HOST_KEYS.contains(&name) && !name.ends_with(".pub")
}

/// The warning about a host key that sshd cannot load.
pub fn unusable_key(name: &str, why: NoPrivateKey) -> Notice {
    Notice::new(
        code::E0515,
        format!("identity '{name}': it {why}, so sshd does without it; replace or remove {IDENTITY}/{name}"),
    )
}

/// The warning, for as long as the file is there, that the host key is a new one.
pub fn replaced_key() -> Notice {
    Notice::new(
        code::E0515,
        format!(
            "identity '{HOST_KEY}': sshd could not load it, so it is a new key now and clients will ask about it; the old file \
             is {IDENTITY}/{SET_ASIDE}: repair it and put it back, or remove it"
        ),
    )
}

/// Warnings about files with an unknown name and files that sshd will refuse, each with what to do.
pub fn warnings(
    wanted: Option<&Wanted>,
    files: &BTreeMap<String, FileFacts>,
    user: Option<&User>,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (name, facts) in files {
        let bound = wanted.is_some_and(|wanted| {
            let mut sources = wanted.files.iter().map(|(source, _)| source);
            sources.any(|source| source.as_ref() == name)
        });
        notices.extend(match name.as_str() {
            "hostname" | "hosts" | "resolv.conf" | "issue" => None,
            "admin_authorized_keys" => refused_keys(name, *facts, 0, "root"),
            "user_authorized_keys" => match user {
                Some(user) => refused_keys(name, *facts, user.uid, &user.name),
                None => Some(Notice::new(
                    code::E0514,
                    format!(
                        "identity '{name}': the image has no regular user (UID 1000 to 59999), so it has no effect"
                    ),
                )),
            },
            name if HOST_KEYS.contains(&name) => refused_host_key(name, *facts),
            name if READ_ELSEWHERE.contains(&name) || bound => None,
            // Without a configuration it is unknown which files [[identity.bind]] uses.
            _ if wanted.is_none() => None,
            name => Some(unknown(name)),
        });
    }
    notices
}

/// sshd accepts a list of keys that is owned by root or the user, that no one else can write, and that it can read as
/// the user (sshd_config(5), StrictModes).
fn refused_keys(name: &str, facts: FileFacts, uid: u32, user: &str) -> Option<Notice> {
    let owner = if facts.uid == uid || facts.uid == 0 {
        None
    } else {
        Some(format!("chown {user}"))
    };
    let writable = (facts.mode & 0o022 != 0).then(|| "chmod go-w".to_owned());
    let unreadable =
        (facts.uid != uid && owner.is_none() && facts.mode & 0o004 == 0).then(|| "chmod a+r".to_owned());
    let cure: Vec<String> = [owner, writable, unreadable].into_iter().flatten().collect();
    (!cure.is_empty()).then(|| {
        let cure: Vec<String> = cure
            .iter()
            .map(|cure| format!("{cure} {IDENTITY}/{name}"))
            .collect();
        Notice::new(
            code::E0515,
            format!(
                "identity '{name}': sshd will refuse it (owner {}, mode {:04o}); run: {}",
                facts.uid,
                facts.mode,
                cure.join(" && ")
            ),
        )
    })
}

fn refused_host_key(name: &str, facts: FileFacts) -> Option<Notice> {
    let private = !name.ends_with(".pub");
    (private && facts.mode & 0o077 != 0).then(|| {
        Notice::new(
            code::E0515,
            format!(
                "identity '{name}': sshd refuses a key that others can read (mode {:04o}); run: chmod 600 {IDENTITY}/{name}",
                facts.mode
            ),
        )
    })
}

fn unknown(name: &str) -> Notice {
    let known = HOST_KEYS.iter().chain(&READ_ELSEWHERE).copied().chain([
        "hostname",
        "hosts",
        "resolv.conf",
        "admin_authorized_keys",
        "user_authorized_keys",
    ]);
    let near = known
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| *distance <= known.len() / 4)
        .min();
    let hint = near.map_or_else(
        || "name it in an [[identity.bind]], or remove it".to_owned(),
        |(_, known)| format!("did you mean '{known}'?"),
    );
    Notice::new(
        code::E0514,
        format!("identity '{name}': unknown file name, it has no effect; {hint}"),
    )
}
