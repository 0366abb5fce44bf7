//! The command line.

use crate::config::{Config, ConfigError, Layers};
use crate::error::RunError;
use crate::folder::existing_database;
use clap::{Args, Parser, Subcommand};
use rotunda_store::Store;
use std::net::IpAddr;
use std::path::PathBuf;

/// Video rooms on your own machine.
///
/// `rotunda dev` starts a server that needs no configuration and prints a link that joins a room.
/// `rotunda serve --config rotunda.toml` runs one for real; `rotunda config print` shows every setting,
/// its value and where it came from.
#[derive(Parser)]
#[command(name = "rotunda", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Subcommand)]
pub enum Verb {
    /// Start with no configuration at all, print a join link.
    Dev(ServeFlags),
    /// Start as configured.
    Serve(ServeFlags),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Projects: tenants that never see each other.
    #[command(subcommand)]
    Project(ProjectVerb),
    /// API tokens: the password of the REST interface.
    #[command(subcommand)]
    ApiToken(ApiTokenVerb),
    /// Pushes: finished recordings on their way to live-chat sites' servers.
    #[command(subcommand)]
    Push(PushVerb),
    /// Webhooks: where events are sent, and what was given up.
    #[command(subcommand)]
    Webhook(WebhookVerb),
    /// Users: people who sign in to set and moderate rooms.
    #[command(subcommand)]
    User(UserVerb),
    /// Admins: people who operate the server by its page.
    #[command(subcommand)]
    Admin(AdminVerb),
    /// Agents: people who manage what a live-chat site is set to.
    #[command(subcommand)]
    Agent(AgentVerb),
    /// Live chat: which site governs a project.
    #[command(subcommand)]
    Livechat(LivechatVerb),
}

/// Flags of `dev` and `serve`; they win over environment and file.
#[derive(Args, Clone, Default)]
pub struct ServeFlags {
    /// Configuration file (TOML).
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Where data lies.
    #[arg(long)]
    pub data_dir: Option<PathBuf>,
    /// Address and port of HTTP, HTTPS and WebSocket; port 0 takes any.
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// UDP port of all media.
    #[arg(long)]
    pub udp_port: Option<u16>,
    /// ICE-TCP port, for networks without UDP.
    #[arg(long)]
    pub tcp_port: Option<u16>,
    /// Address under which the world reaches this host; may be given several times.
    #[arg(long)]
    pub public_ip: Vec<IpAddr>,
    /// Address clients are to use, with its scheme, such as wss://rooms.example.org.
    #[arg(long)]
    pub public_url: Option<String>,
}

impl ServeFlags {
    /// The configuration these flags, the environment and the file give.
    ///
    /// # Errors
    /// As [`ServeFlags::into_layers`], and then as [`Layers::config`].
    pub fn into_config(self, dev: bool) -> Result<Config, ConfigError> {
        self.into_layers(dev)?.config()
    }

    /// The same, each value still with the place it came from.
    ///
    /// # Errors
    /// [`ConfigError::File`] when the file cannot be read or is no TOML, [`ConfigError::Unknown`]
    /// when it or the environment has a key nobody knows.
    pub fn into_layers(self, dev: bool) -> Result<Layers, ConfigError> {
        let mut layers = Layers::new(dev);
        if let Some(path) = &self.config {
            layers.file(path)?;
        }
        layers.environment(std::env::vars())?;
        let text = |v: &PathBuf| toml::Value::String(v.display().to_string());
        let ips = self.public_ip.iter().map(|ip| toml::Value::String(ip.to_string())).collect();
        layers.flag("server.data_dir", self.data_dir.as_ref().map(text));
        layers.flag("server.listen", self.listen.map(toml::Value::String));
        layers.flag("server.public_url", self.public_url.map(toml::Value::String));
        layers.flag("media.udp_port", self.udp_port.map(|p| toml::Value::Integer(p.into())));
        layers.flag("media.tcp_port", self.tcp_port.map(|p| toml::Value::Integer(p.into())));
        let has_ips = !self.public_ip.is_empty();
        layers.flag("media.public_ips", has_ips.then_some(toml::Value::Array(ips)));
        Ok(layers)
    }
}

/// Scopes an API token may have. Only `video` opens anything here; the others are for programs that
/// ask for all they know.
const SCOPES: [&str; 10] = [
    "calling",
    "chat",
    "fax",
    "management",
    "messaging",
    "numbers",
    "pubsub",
    "storage",
    "tasking",
    "video",
];

/// Which server's data a command is about. Nothing is made by it.
#[derive(Args, Default)]
pub struct DataFlags {
    /// Configuration file (TOML) of the server.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Where data lies; else as the file and the environment say.
    #[arg(long)]
    pub data_dir: Option<PathBuf>,
}

impl DataFlags {
    /// Opens the server's database.
    pub(crate) async fn database(self) -> Result<Store, RunError> {
        existing_database(&self.config()?.data_dir).await
    }

    /// The server's configuration.
    pub(crate) fn config(self) -> Result<Config, ConfigError> {
        let flags =
            ServeFlags { config: self.config, data_dir: self.data_dir, ..Default::default() };
        flags.into_config(false)
    }
}

/// `rotunda config …`
#[derive(Subcommand)]
pub enum ConfigVerb {
    /// Print every setting with its value, its default and what it is for.
    Print(ServeFlags),
}

/// `rotunda project …`
#[derive(Subcommand)]
pub enum ProjectVerb {
    /// Make a project.
    Create {
        /// A name for people.
        #[arg(long, default_value = "")]
        name: String,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// List the projects.
    List {
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
}

/// `rotunda api-token …`
#[derive(Subcommand)]
pub enum ApiTokenVerb {
    /// Make a token; its secret is shown this once.
    Create {
        /// The project's id.
        #[arg(long)]
        project: String,
        /// What it opens, such as `video`; several with commas.
        #[arg(long, value_delimiter = ',', required = true, value_parser = SCOPES)]
        scope: Vec<String>,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// List a project's tokens, without their secrets.
    List {
        /// The project's id.
        #[arg(long)]
        project: String,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// End a token for good.
    Revoke {
        /// The token's id, as `list` shows it.
        id: String,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
}

/// `rotunda push …`
#[derive(Subcommand)]
pub enum PushVerb {
    /// List what is not pushed yet, and what was given up.
    List {
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// Try again what was given up; a server that runs begins within seconds.
    Retry {
        /// Only this recording.
        #[arg(long)]
        recording: Option<String>,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
}

/// `rotunda webhook …`
#[derive(Subcommand)]
pub enum WebhookVerb {
    /// List the webhooks of all projects, and the operator's own.
    List {
        /// Only those of this project.
        #[arg(long)]
        project: Option<String>,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// List what was given up, newest first; a thousand of each webhook at most.
    Dead {
        /// Only of this webhook.
        #[arg(long)]
        webhook: Option<String>,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// Send again what was given up, or one event; a server that runs begins within seconds.
    Replay {
        /// To which webhook.
        #[arg(long)]
        webhook: String,
        /// Only this event, even if it was taken.
        #[arg(long)]
        event: Option<String>,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
}

/// `rotunda user …`
#[derive(Subcommand)]
pub enum UserVerb {
    /// List a project's users: id, login, name and rights.
    List {
        /// The project's id; the oldest when there is only one to mean.
        #[arg(long)]
        project: Option<String>,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// Forget a user; their sessions open nothing from then on.
    Remove {
        /// The project's id; the oldest when there is only one to mean.
        #[arg(long)]
        project: Option<String>,
        /// What they sign in with.
        #[arg(long)]
        login: String,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// Keep somebody who may sign in; their password is the first line of the standard input.
    Add {
        /// The project's id; the oldest when there is only one to mean.
        #[arg(long)]
        project: Option<String>,
        /// What they sign in with.
        #[arg(long)]
        login: String,
        /// A name for people; the login when there is none.
        #[arg(long)]
        name: Option<String>,
        /// Let them administrate the project.
        #[arg(long)]
        admin: bool,
        /// A right in a room, such as `lobby=manage`; manage, contribute, comment or view; may be
        /// given several times.
        #[arg(long, value_name = "ROOM=RIGHT")]
        room: Vec<String>,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
}

/// `rotunda admin …`
#[derive(Subcommand)]
pub enum AdminVerb {
    /// Print a link by which somebody makes a passkey or a password, once, within 15 minutes.
    Invite {
        /// What they will sign in with.
        name: String,
        /// Id or name of a project they may act on; may be given several times. All, those to come too, when none
        /// is.
        #[arg(long)]
        project: Vec<String>,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// List the admins, and where they are signed in.
    List {
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// Forget an admin, or end one session; a server that runs shuts them out within a second.
    Revoke {
        /// The admin's name, or a session's id as `list` shows it.
        what: String,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
}

/// `rotunda agent …`
#[derive(Subcommand)]
pub enum AgentVerb {
    /// Keep an agent, and their site if it is new; their password is the first line of the standard
    /// input, and their API key is shown this once.
    Add {
        /// The number of their site; any one likes.
        #[arg(long)]
        site: i64,
        /// What they sign in with.
        #[arg(long)]
        email: String,
        /// Give them the permission Manage Settings, without which they may not call.
        #[arg(long)]
        manage_settings: bool,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// List the agents: site, address, and whether they may manage settings.
    List {
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// Forget an agent; their tokens and key open nothing from then on.
    Remove {
        /// What they sign in with.
        #[arg(long)]
        email: String,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
}

/// `rotunda livechat …`
#[derive(Subcommand)]
pub enum LivechatVerb {
    /// Let a site govern a project: who may join, and whether sessions are recorded.
    Link {
        /// The number of the site.
        #[arg(long)]
        site: i64,
        /// The project's id; the oldest when there is only one to mean.
        #[arg(long)]
        project: Option<String>,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
    /// Let no site govern a project any more.
    Unlink {
        /// The project's id; the oldest when there is only one to mean.
        #[arg(long)]
        project: Option<String>,
        /// Where data lies.
        #[command(flatten)]
        data: DataFlags,
    },
}
