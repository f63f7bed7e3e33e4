//! Executes the actions of a plan, one after the other.

use super::nic::Connections;
use super::{mount, netns, nic};
use crate::config::code::Code;
use crate::exit::{Failure, Kind};
use crate::host::file::{self, Effect};
use crate::host::netlink::NetlinkError;
use crate::host::paths::SYSCTL;
use crate::host::{process, sysctl};
use crate::plan::identity::new_host_key;
use crate::plan::{Action, Plan};
use crate::types::Root;
use nix::errno::Errno;
use std::io;
use std::path::Path;
use std::time::Duration;

/// How long a program that an action starts may take.
const PROGRAM: Duration = Duration::from_secs(15);

/// Why an action failed.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The kernel refused a change to a network device.
    #[error(transparent)]
    Netlink(#[from] NetlinkError),
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A program failed.
    #[error(transparent)]
    Process(#[from] process::ProcessError),
}

impl From<Errno> for ActError {
    fn from(errno: Errno) -> Self {
        Self::Io(errno.into())
    }
}

/// An action that failed.
#[derive(Debug)]
pub struct Failed {
    /// Its code, for `impctl explain`.
    pub code: Code,
    /// The subject, the action and why: one line.
    pub text: String,
    /// Whether its subject had disappeared in the meantime, so that a new plan may succeed.
    pub vanished: bool,
}

/// The result of a plan.
#[derive(Debug, Default)]
pub struct Report {
    /// How many actions changed the machine.
    pub changed: usize,
    /// The actions that failed; the rest of their group was not tried.
    pub failed: Vec<Failed>,
}

impl Report {
    /// Adds the result of another plan.
    pub fn add(&mut self, other: Self) {
        self.changed += other.changed;
        self.failed.extend(other.failed);
    }

    /// Success, or one failure with the number of failed actions; each of those has been logged.
    pub fn result(&self) -> Result<(), Failure> {
        match self.failed.as_slice() {
            [] => Ok(()),
            [_] => Err(Failure::new(Kind::Failed, "")),
            several => Err(Failure::new(
                Kind::Failed,
                format!("{} actions failed", several.len()),
            )),
        }
    }
}

/// Executes the plan and logs one line per change. After a failure it continues with the next group, unless that needs
/// the one that failed.
pub fn apply(root: &Root, plan: &Plan) -> Report {
    let mut report = Report::default();
    let mut connections = Connections::new(root);
    for group in plan.groups() {
        for action in &group.actions {
            match execute(root, &mut connections, action) {
                Ok(outcome) => {
                    if outcome.changed() {
                        report.changed += 1;
                        tracing::info!(about = group.about, "{}: {action}", group.about);
                    }
                }
                Err(error) => {
                    connections.close();
                    let failed = failed(&group.about, action, &error);
                    tracing::error!(code = %failed.code, about = group.about, "{}: {}", failed.code, failed.text);
                    report.failed.push(failed);
                    if group.first {
                        return report;
                    }
                    break;
                }
            }
        }
    }
    report
}

fn failed(about: &str, action: &Action, error: &ActError) -> Failed {
    let vanished = match error {
        ActError::Netlink(error) => error.is(Errno::ENODEV),
        ActError::Io(error) => error.raw_os_error() == Some(Errno::ENODEV as i32),
        ActError::Process(_) => false,
    };
    Failed {
        code: action.code(),
        text: format!("{about}: {action}: {}", Failure::from_error(Kind::Failed, error)),
        vanished,
    }
}

/// Executes one action.
fn execute(root: &Root, links: &mut Connections<'_>, action: &Action) -> Result<Effect, ActError> {
    match action {
        Action::ShareMount { directory } => Ok(mount::share(&root.join(directory))?),
        Action::RemovePlaceholder { name } => netns::remove_placeholder(root, name),
        Action::CreateNetns { name } => netns::create(root, name),
        Action::RemoveNetns { name } => netns::remove(root, name),
        Action::SetSysctl { place, key, value } => netns::set_sysctl(root, place, key, value),
        Action::LoadModule { name } => {
            process::run("modprobe", &["-q", name], PROGRAM)?;
            Ok(Effect::Changed)
        }
        Action::ReserveHugepages { count } => nic::reserve_hugepages(root, *count),
        Action::MoveNic {
            link,
            index,
            to,
            name,
        } => nic::move_nic(links, link, *index, to, name),
        Action::ReleaseDevice { pci } => nic::release(root, *pci),
        Action::SetUp { link } => nic::set_up(links, link),
        Action::SetPromiscuous { link } => nic::set_promiscuous(links, link),
        Action::AddAlternativeName { link, name } => nic::add_alternative_name(links, link, name),
        Action::DropAlternativeName { link, name } => nic::drop_alternative_name(links, link, name),
        Action::CreateVeth { host, peer } => nic::create_veth(links, host, peer),
        Action::CreateVrf { link, table } => nic::create_vrf(links, link, *table),
        Action::Enslave { port, bridge } => nic::enslave(links, port, bridge),
        Action::DeleteLink { link } => nic::delete(links, link),
        Action::BindMount { source, target } => Ok(mount::bind(&root.join(source), &root.join(target))?),
        Action::Unmount { target } => Ok(mount::unmount(&root.join(target))?),
        Action::MakeDirectory { path, like } => {
            Ok(mount::make_directory(&root.join(path), &root.join(like))?)
        }
        Action::MakePlaceholder { path, uid, gid } => {
            Ok(mount::make_placeholder(&root.join(path), *uid, *gid)?)
        }
        Action::SetKernel { name, value } => Ok(sysctl::set_below(&root.join(SYSCTL), &name.path(), value)?),
        Action::MakeHome { path, uid } => Ok(mount::make_home(&root.join(path), *uid)?),
        Action::SetHostname { name } => {
            nix::unistd::sethostname(name.as_ref())?;
            Ok(Effect::Changed)
        }
        Action::MakeHostKey { path } => make_host_key(&root.join(path)),
        Action::SetAside { path, name } => {
            file::rename(&root.join(path), name)?;
            Ok(Effect::Changed)
        }
        Action::WriteFile { path, mode, bytes } => Ok(file::write(&root.join(path), bytes, *mode)?),
        Action::Link { link, target } => Ok(file::replace_symlink(&root.join(link), target)?),
        Action::RemoveFile { path } => Ok(file::remove(&root.join(path))?),
    }
}

/// The private half is written last, atomically: as long as it is missing, the key counts as not created.
fn make_host_key(path: &Path) -> Result<Effect, ActError> {
    if path.metadata().is_ok_and(|found| found.len() > 0) {
        return Ok(Effect::Unchanged);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let directory = path.parent().unwrap_or(path);
    file::create_dir(directory, 0o755)?;
    let [temp, public] = new_host_key(path);
    for leftover in [&temp, &public] {
        let _ = file::remove(leftover)?;
    }
    let arguments = ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"];
    let temp_text = temp.to_string_lossy();
    let words: Vec<&str> = arguments.into_iter().chain([temp_text.as_ref()]).collect();
    process::run("ssh-keygen", &words, PROGRAM)?;
    let written = file::write(
        &path.with_file_name(format!("{name}.pub")),
        &std::fs::read(&public)?,
        0o644,
    )
    .and_then(|_| file::write(path, &std::fs::read(&temp)?, 0o600));
    for leftover in [&temp, &public] {
        let _ = file::remove(leftover)?;
    }
    Ok(written?)
}
