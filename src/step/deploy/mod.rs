//! A new image on this machine: received, looked at, armed. The image that runs stays the default through all of it.
//!
//! | module | purity | does |
//! |---|---|---|
//! | [`source`]   | pure | a file or an image, and the name a file gives it |
//! | [`stream`]   | pure | the first record of `zfs send` |
//! | [`space`]    | pure | whether it fits |
//! | [`progress`] | stderr | how far it is |
//! | [`dataset`]  | effects | the state of a name, and its properties |
//! | [`receive`]  | effects | a file becomes an image |

pub mod dataset;
pub mod progress;
pub mod receive;
pub mod source;
pub mod space;
pub mod stream;

use super::boot::arm;
use crate::boot::image;
use crate::boot::loader::Backend;
use crate::exit::{Failure, Kind};
use crate::types::{ImageName, Root};
use source::Source;

/// How an image is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Although the router is not healthy, the image failed before, or it may not fit.
    pub force: bool,
    /// The next power-on tries it, once.
    pub arm: bool,
}

/// The image is on this machine and, when asked for, armed. Returns which.
///
/// Reasons against trying anything now are reported before a long receive, not after it.
pub fn deploy(
    root: &Root,
    backend: &dyn Backend,
    source: &Source,
    options: &Options,
) -> Result<ImageName, Failure> {
    if let Source::File(_) = source
        && backend.name() != "zfs"
    {
        return Err(Failure::new(Kind::Missing, elsewhere(backend.name())));
    }
    if options.arm {
        arm::ready(root, backend, options.force)?;
    }
    let running = backend
        .loader()
        .map_err(|error| Failure::from_error(Kind::Failed, &error))?
        .booted;
    let image = match source {
        Source::File(file) => receive::receive(root, backend, file, &running, options.force)?,
        Source::Image(image) => {
            backend
                .check(image)
                .map_err(|error| Failure::from_error(Kind::Failed, &error))?;
            image.clone()
        }
    };
    tell_difference(backend, &image, &running);
    if options.arm {
        let options = arm::Options {
            force: options.force,
            drill: false,
        };
        arm::arm(root, backend, &image, options)?;
    }
    Ok(image)
}

/// What makes images on a machine without ZFS.
fn elsewhere(backend: &str) -> String {
    let how = match backend {
        "systemd-boot" => "systemd-sysupdate makes images here ('systemd-sysupdate update')",
        "ostree" => "bootc or ostree makes images here ('bootc upgrade', 'ostree admin deploy --stage')",
        _ => {
            return "files can be received on a ZFS root only, and impctl does not know how images are made on this machine"
                .to_owned();
        }
    };
    format!(
        "files can be received on a ZFS root only; {how}, then 'impctl boot deploy IMAGE' arms one ('impctl boot list')"
    )
}

/// Says what the new image is to the one that runs, when either says anything.
fn tell_difference(backend: &dyn Backend, new: &ImageName, running: &ImageName) {
    let Ok(images) = backend.images() else {
        return;
    };
    let metadata = |name: &ImageName| {
        let image = images.iter().find(|image| image.name == *name)?;
        let metadata = backend.metadata(image);
        (!metadata.is_unknown()).then_some(metadata)
    };
    let (new, running) = (metadata(new), metadata(running));
    if new.is_some() || running.is_some() {
        let [new, running] = [new, running].map(Option::unwrap_or_default);
        tracing::info!("{}", image::compare(&new, &running));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_zfs_is_told_what_makes_images_there() {
        assert!(elsewhere("systemd-boot").contains("systemd-sysupdate update"));
        assert!(elsewhere("ostree").contains("bootc upgrade"));
        assert!(elsewhere("none").contains("ZFS root only"));
    }
}
