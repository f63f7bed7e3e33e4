//! Images that are ZFS datasets, `tank/ROOT/a`, started by ZFSBootMenu. `bootfs` of their pool is the default, and only
//! [`Backend::set_default`] moves it.
//!
//! A token is a property of the image it attempts (`token`), or `BootNext` of the firmware (`firmware`); three ways take it:
//!
//! | strategy | takes the token | starts the image |
//! |---|---|---|
//! | `bootnext` | the firmware, before it hands over | ZFSBootMenu, by `zbm.prefer` |
//! | `zbm-hook` | our hook in ZFSBootMenu, before any pool is used | the hook, by kexec |
//! | `initramfs` | our script in the default's initramfs, before its root is mounted | the script, by kexec |

mod drill;
mod esp;
mod files;
mod firmware;
mod power_on;
mod script;
mod start;
mod strategy;
mod token;

use super::{Backend, BackendError, Image, Strategy, reboot};
use crate::boot::image::Metadata;
use crate::boot::trial::classify::{Attempt, LoaderState, Token};
use crate::host::efi::Variables;
use crate::host::zfs::{Filesystem, Pools};
use crate::types::{DatasetName, ImageName, Root};
use start::KernelFiles;
use std::path::Path;
use strategy::BOOTNEXT;
use token::{TokenMark, TokenState};

pub use files::unfit;
pub use firmware::started_ours as started_by_firmware;

/// A machine whose `/` is a dataset.
#[derive(Debug)]
pub struct Zfs {
    root: Root,
    pools: Pools,
    booted: DatasetName,
    /// The dataset that all images are right below.
    images: DatasetName,
}

impl Zfs {
    /// The backend, if what runs is a dataset among others: from the mount of `/`, never from the command line.
    pub fn of(root: &Root) -> Option<Self> {
        let booted = files::booted(root)?;
        Some(Self {
            root: root.clone(),
            pools: Pools::of(root),
            images: booted.parent()?,
            booted,
        })
    }

    /// The filesystem of an image. Its name is compared with what `zfs list` prints.
    fn filesystem(&self, image: &ImageName) -> Result<Filesystem, BackendError> {
        let all = self.pools.filesystems_below(&self.images)?;
        all.into_iter()
            .find(|filesystem| filesystem.name.as_ref() == image.as_ref())
            .ok_or_else(|| self.problem(image, format!("is not a filesystem below '{}'", self.images)))
    }

    fn problem(&self, image: &ImageName, problem: impl Into<String>) -> BackendError {
        BackendError::Image {
            image: image.clone(),
            problem: problem.into(),
        }
    }

    /// The filesystem, and what it would be started with.
    fn startable(&self, image: &ImageName) -> Result<(Filesystem, KernelFiles), BackendError> {
        let filesystem = self.filesystem(image)?;
        let legacy = filesystem.mountpoint == "legacy";
        if !legacy && filesystem.mountpoint != "/" {
            let mountpoint = &filesystem.mountpoint;
            return Err(self.problem(
                image,
                format!("has mountpoint={mountpoint}; the root of a system has '/'"),
            ));
        }
        let must_be_noauto = !legacy && filesystem.name != self.booted;
        if must_be_noauto && filesystem.canmount != "noauto" {
            let canmount = &filesystem.canmount;
            return Err(self.problem(
                image,
                format!("has canmount={canmount}: 'zfs set canmount=noauto {image}' keeps it from being mounted over /"),
            ));
        }
        let names = files::boot_directory(&self.root, &filesystem.name, legacy)?;
        let wanted = self.pools.value(&filesystem.name, "org.zfsbootmenu:kernel")?;
        let files = start::kernel_files(&names, wanted.as_ref().map(|(value, _)| value.as_str()))
            .ok_or_else(|| self.problem(image, "has no kernel with an initramfs in /boot"))?;
        Ok((filesystem, files))
    }

    fn marks(&self) -> Result<Vec<TokenMark>, BackendError> {
        token::marks(&self.pools.local(&self.images, token::PREFIX)?)
    }

    fn mark_of(&self, attempt: &Attempt) -> Result<TokenMark, BackendError> {
        let marks = self.marks()?.into_iter();
        marks
            .filter(|mark| mark.image.as_ref() == attempt.image.as_ref())
            .find(|mark| mark.trial == attempt.trial)
            .ok_or_else(|| BackendError::NotRead(format!("the attempt {}", attempt.trial)))
    }

    /// What power-on starts: `bootfs`, or, where nothing reads that, what it started now.
    fn default(&self) -> Result<DatasetName, BackendError> {
        if power_on::decided_elsewhere(&self.root).is_some() {
            return Ok(self.booted.clone());
        }
        let pool = self.booted.pool();
        self.pools.bootfs(pool)?.ok_or_else(|| {
            BackendError::Unreadable(format!(
                "the pool '{pool}' has no default image: 'zpool set bootfs={} {pool}' makes it the one that runs",
                self.booted
            ))
        })
    }

    /// How far the token of a mark is; the firmware's word counts for more than the pool's.
    fn state(&self, mark: &TokenMark) -> Result<Option<TokenState>, BackendError> {
        let runs = mark.image == self.booted;
        match mark.state {
            Some(TokenState::Armed) => Ok(Some(TokenState::Armed)),
            // An image that runs without the word of its attempt was started by hand.
            Some(TokenState::Consumed) => {
                Ok((!runs || self.started_by_script(mark)).then_some(TokenState::Consumed))
            }
            Some(TokenState::Prepared | TokenState::Firmware) => match Variables::of(&self.root) {
                Ok(variables) => firmware::state(&variables, mark, runs),
                // An image whose kernel cannot even ask the firmware was armed, and is here: nobody has to come for it.
                Err(_) => {
                    Ok((runs && mark.state == Some(TokenState::Firmware)).then_some(TokenState::Consumed))
                }
            },
            None => Ok(None),
        }
    }

    fn started_by_script(&self, mark: &TokenMark) -> bool {
        let word = start::mark(&mark.trial);
        crate::host::cmdline::text(&self.root)
            .split_whitespace()
            .any(|own| own == word)
    }

    fn set(&self, mark: &TokenMark, state: TokenState) -> Result<(), BackendError> {
        Ok(self.pools.set(&mark.image, &[(token::STATE, state.word())])?)
    }
}

impl Backend for Zfs {
    fn name(&self) -> &'static str {
        "zfs"
    }

    fn loader(&self) -> Result<LoaderState, BackendError> {
        let default = self.default()?;
        let marks = self.marks()?;
        let own = marks.iter().find(|mark| mark.image == self.booted);
        let token = match own.or(marks.first()) {
            None => Token::None,
            Some(mark) => {
                let attempt = Attempt {
                    trial: mark.trial.clone(),
                    image: mark.image.image(),
                };
                match self.state(mark)? {
                    Some(TokenState::Armed) => Token::Armed(attempt),
                    Some(TokenState::Consumed) => Token::Consumed(attempt),
                    _ => Token::Absent(attempt),
                }
            }
        };
        Ok(LoaderState {
            booted: self.booted.image(),
            default: default.image().into(),
            token,
        })
    }

    fn images(&self) -> Result<Vec<Image>, BackendError> {
        let filesystems = self.pools.filesystems_below(&self.images)?.into_iter();
        let roots =
            filesystems.filter(|filesystem| ["/", "legacy"].contains(&filesystem.mountpoint.as_str()));
        Ok(roots
            .map(|filesystem| Image {
                name: filesystem.name.image(),
                identity: filesystem.guid,
                mounted: files::mounted(&self.root, &filesystem.name),
                bytes: filesystem.used,
            })
            .collect())
    }

    /// Also of an image that is not mounted; unknown to those who may not mount.
    fn metadata(&self, image: &Image) -> Metadata {
        let seen = self.filesystem(&image.name).and_then(|filesystem| {
            let legacy = filesystem.mountpoint == "legacy";
            files::look(&self.root, &filesystem.name, legacy, Metadata::read)
        });
        seen.unwrap_or_default()
    }

    /// Also of an image that is not mounted.
    fn look_into(&self, image: &Image, look: &(dyn Fn(&Path) + Sync)) -> Result<(), BackendError> {
        let filesystem = self.filesystem(&image.name)?;
        files::look(
            &self.root,
            &filesystem.name,
            filesystem.mountpoint == "legacy",
            look,
        )
    }

    fn strategies(&self) -> Vec<Strategy> {
        self.ways()
    }

    fn check(&self, image: &ImageName) -> Result<(), BackendError> {
        let (filesystem, _) = self.startable(image)?;
        let legacy = filesystem.mountpoint == "legacy";
        match files::look(&self.root, &filesystem.name, legacy, reboot::problem)? {
            Some(problem) => Err(self.problem(image, problem)),
            None => Ok(()),
        }
    }

    fn prepare(&self, attempt: &Attempt) -> Result<(), BackendError> {
        let (filesystem, kernel_files) = self.startable(&attempt.image)?;
        let image = filesystem.name;
        let strategy = self.chosen()?;
        let own_line = start::own_command_line(&self.pools, &image)?;
        self.refuse_lasting_panic(&attempt.image, &own_line, strategy)?;
        // What an earlier trial left, on whichever image.
        self.clear()?;
        let trial = attempt.trial.to_string();
        let mut properties = vec![
            (token::TRIAL, trial.as_str()),
            (token::STATE, TokenState::Prepared.word()),
        ];
        if strategy == BOOTNEXT {
            let variables = Variables::of(&self.root)?;
            let menu = firmware::menu(&self.root, &variables)?;
            let entry = firmware::prepare(&variables, &menu, attempt)?;
            let entry = format!("{entry:04X}");
            properties.push((token::ENTRY, &entry));
            return Ok(self.pools.set(&image, &properties)?);
        }
        script::refuse_encrypted(&self.pools, &image)?;
        let prefix = self.pools.value(&image, "org.zfsbootmenu:rootprefix")?;
        let line = start::command_line(
            &image,
            prefix.as_ref().map(|(value, _)| value.as_str()),
            &own_line,
            &crate::host::cmdline::text(&self.root),
            &attempt.trial,
        );
        properties.extend([
            (token::KERNEL, kernel_files.kernel.as_str()),
            (token::INITRAMFS, kernel_files.initramfs.as_str()),
            (token::COMMAND_LINE, line.as_str()),
        ]);
        Ok(self.pools.set(&image, &properties)?)
    }

    /// The firmware's token is written before the pool says so: a cut between the two makes a trial that came to nothing look
    /// as if it was never attempted, where the other order would blame an image that never ran.
    fn arm(&self, attempt: &Attempt) -> Result<(), BackendError> {
        let mark = self.mark_of(attempt)?;
        if !mark.for_scripts {
            firmware::arm(&Variables::of(&self.root)?, attempt)?;
            if let Err(error) = self.set(&mark, TokenState::Firmware) {
                firmware::clear(&self.root)?;
                return Err(error);
            }
        } else {
            self.set(&mark, TokenState::Armed)?;
        }
        match self.state(&self.mark_of(attempt)?)? {
            Some(TokenState::Armed) => Ok(()),
            _ => Err(BackendError::NotRead(format!("the token of '{}'", attempt.image))),
        }
    }

    fn set_default(&self, image: &ImageName) -> Result<(), BackendError> {
        if let Some(reason) = power_on::decided_elsewhere(&self.root) {
            return Err(BackendError::Incapable(reason));
        }
        let filesystem = self.filesystem(image)?;
        Ok(self.pools.set_bootfs(&filesystem.name)?)
    }

    /// The firmware is first: what is in the pool alone starts nothing there.
    fn clear(&self) -> Result<(), BackendError> {
        firmware::clear(&self.root)?;
        let properties = self.pools.local(&self.images, token::PREFIX)?;
        let of_images = |name: &str| {
            let all = properties
                .iter()
                .filter(|property| property.dataset != self.images);
            let found: Vec<_> = all.filter(|property| property.name == name).collect();
            found
        };
        if let Some(taken) = of_images(token::TAKEN_BY).first() {
            // Outlives the trial: the script was seen at work here.
            self.pools.set(&self.images, &[(token::TAKEN_BY, &taken.value)])?;
        }
        for name in token::OF_A_TRIAL {
            for property in of_images(name) {
                self.pools.unset(&property.dataset, name)?;
            }
        }
        Ok(())
    }

    fn remark(&self, attempt: &Attempt) -> Option<String> {
        let mark = self.mark_of(attempt).ok()?;
        if mark.for_scripts {
            script::remark(&self.root, &self.pools, &mark)
        } else {
            firmware::remark(&Variables::of(&self.root).ok()?, &mark, mark.image == self.booted)
        }
    }

    fn not_started(&self, attempt: &Attempt) -> Option<String> {
        let mark = self.mark_of(attempt).ok()?;
        script::not_started(&self.root, &mark)
    }

    fn copy_for_drill(&self) -> Result<ImageName, BackendError> {
        drill::copy(&self.pools, &self.images, &self.booted)
    }

    fn remove_drill(&self, image: &ImageName) -> Result<(), BackendError> {
        let default = self.pools.bootfs(self.booted.pool())?;
        let copy = match self.filesystem(image) {
            Err(BackendError::Image { .. }) => return Ok(()),
            filesystem => filesystem?.name,
        };
        if copy == self.booted || Some(&copy) == default.as_ref() {
            return Err(self.problem(image, "is running or is the default, so it is no longer a copy"));
        }
        drill::remove(&self.pools, &copy)
    }
}
