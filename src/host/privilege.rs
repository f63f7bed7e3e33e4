//! What a step may still do to the machine: the capabilities it names, and no other.

use crate::exit::{Failure, Kind};
use caps::{CapSet, Capability, CapsHashSet};

/// Why a step did not get down to the capabilities it works with.
#[derive(Debug, thiserror::Error)]
pub enum PrivilegeError {
    /// The unit, or whoever started the program, does not grant it.
    #[error("{0} is needed and not granted")]
    NotGranted(Capability),
    /// The kernel refused.
    #[error("drop capabilities")]
    Drop(#[source] caps::errors::CapsError),
}

impl From<PrivilegeError> for Failure {
    fn from(error: PrivilegeError) -> Self {
        Self::from_error(Kind::Privilege, &error)
    }
}

/// From here on this thread, and every program it starts, holds exactly these capabilities.
///
/// Call it first, before any thread is made: capabilities belong to threads. A process that holds none at all
/// (an ordinary user, in a test) has nothing to drop and goes on; the kernel then judges each action by itself.
/// The bounding set can only shrink with CAP_SETPCAP; where a unit withholds that, its `CapabilityBoundingSet=`
/// already is the bound.
pub fn keep(needed: &[Capability]) -> Result<(), PrivilegeError> {
    keep_also(needed, &[])
}

/// The same, with capabilities a step uses where it has them and does without where it has not (in a container).
pub fn keep_also(needed: &[Capability], welcome: &[Capability]) -> Result<(), PrivilegeError> {
    let held = caps::read(None, CapSet::Permitted).map_err(PrivilegeError::Drop)?;
    if held.is_empty() {
        return Ok(());
    }
    if let Some(missing) = needed.iter().find(|cap| !held.contains(cap)) {
        return Err(PrivilegeError::NotGranted(*missing));
    }
    let welcome = welcome.iter().filter(|cap| held.contains(cap));
    let wanted = needed.iter().chain(welcome).copied().collect();
    match has_exactly(&wanted) {
        Ok(true) => Ok(()),
        Ok(false) => shrink_to(&wanted).map_err(PrivilegeError::Drop),
        Err(error) => Err(PrivilegeError::Drop(error)),
    }
}

/// Whether the unit left nothing to drop: its system call filter may then refuse capset(2) altogether.
fn has_exactly(wanted: &CapsHashSet) -> Result<bool, caps::errors::CapsError> {
    Ok(caps::read(None, CapSet::Permitted)? == *wanted
        && caps::read(None, CapSet::Bounding)? == *wanted
        && caps::read(None, CapSet::Ambient)?.is_empty())
}

fn shrink_to(wanted: &CapsHashSet) -> Result<(), caps::errors::CapsError> {
    caps::clear(None, CapSet::Ambient)?;
    if caps::has_cap(None, CapSet::Effective, Capability::CAP_SETPCAP)? {
        for cap in caps::read(None, CapSet::Bounding)?.difference(wanted) {
            caps::drop(None, CapSet::Bounding, *cap)?;
        }
    }
    caps::set(None, CapSet::Effective, wanted)?;
    caps::set(None, CapSet::Inheritable, &CapsHashSet::new())?;
    caps::set(None, CapSet::Permitted, wanted)
}
