//! `rotunda config`, `rotunda project`, `rotunda api-token`, `rotunda user`.

use crate::cli::{ApiTokenVerb, ConfigVerb, DataFlags, ProjectVerb, UserVerb};
use crate::config::print;
use crate::error::RunError;
use crate::say::{answer, aside};
use rotunda_domain::ProjectId;
use rotunda_domain::videochat::RoomRight;
use rotunda_hub::{RoomRights, StoreError, UserRow, hash_password};
use rotunda_store::Store;

/// Prints the configuration as TOML, each setting with its value and the place it came from.
///
/// # Errors
/// `Config` when a setting is unknown or wrong, or the file cannot be read; `File` when the
/// standard output cannot be written.
pub fn config(verb: ConfigVerb) -> Result<(), RunError> {
    let ConfigVerb::Print(flags) = verb;
    let layers = flags.into_layers(false)?;
    layers.config()?;
    answer(format_args!("{}", print(&layers).trim_end()))?;
    Ok(())
}

/// Makes and lists projects.
///
/// # Errors
/// `Config` when the configuration is wrong, `Folder` when the data folder holds no database,
/// `Store` when the database cannot be used, `File` when the standard output cannot be written.
pub async fn project(verb: ProjectVerb) -> Result<(), RunError> {
    match verb {
        ProjectVerb::Create { name, data } => {
            let project = data.database().await?.create_project(None, &name).await?;
            answer(format_args!("{}", project.id))?;
        }
        ProjectVerb::List { data } => {
            for project in data.database().await?.projects().await? {
                answer(format_args!("{}  {}", project.id, project.name))?;
            }
        }
    }
    Ok(())
}

/// Makes, lists and revokes API tokens.
///
/// # Errors
/// As [`project`]; `Store` also when there is no such project or token, `NotAnId` when the id of
/// one is no UUID.
pub async fn api_token(verb: ApiTokenVerb) -> Result<(), RunError> {
    match verb {
        ApiTokenVerb::Create { project, scope, data } => {
            let project = id(&project, "--project")?;
            let made = data.database().await?.create_api_token(project, &scope).await?;
            answer(format_args!("{}", made.secret))?;
            aside(format_args!("id {}; the secret above is not shown again", made.row.id));
        }
        ApiTokenVerb::List { project, data } => list(&project, data).await?,
        ApiTokenVerb::Revoke { id: token, data } => {
            let token: uuid::Uuid = id(&token, "the token's id")?;
            data.database().await?.revoke_api_token(token).await?;
        }
    }
    Ok(())
}

/// Keeps, lists and forgets users.
///
/// # Errors
/// As [`project`]; `NotAnId` when the project's id is no UUID, `NoProject` when there is no such
/// project or none at all, `NotARight`, `ShortPassword` or `Store` when a right cannot be read,
/// the password is too short or the login taken, `File` when the standard input cannot be read,
/// `Missing` when nobody has the login that is to be removed.
pub async fn user(verb: UserVerb) -> Result<(), RunError> {
    match verb {
        UserVerb::Add { project, login, name, admin, room, data } => {
            let store = data.database().await?;
            let project = chosen(&store, project).await?;
            let rooms = room.iter().map(|text| right(text)).collect::<Result<RoomRights, _>>()?;
            let user = UserRow {
                id: uuid::Uuid::new_v4(),
                project,
                name: name.unwrap_or_else(|| login.clone()),
                password: hash_password(&read_password()?)?,
                is_admin: admin,
                rooms,
            };
            store.create_user(&login, &user).await?;
            answer(format_args!("{}", user.id))?;
        }
        UserVerb::List { project, data } => {
            let store = data.database().await?;
            for (login, user) in store.users(chosen(&store, project).await?).await? {
                answer(format_args!("{}", shown(&login, &user)))?;
            }
        }
        UserVerb::Remove { project, login, data } => {
            let store = data.database().await?;
            let gone = store.delete_user(chosen(&store, project).await?, &login).await;
            gone.map_err(|error| missing(error, "user with this login"))?;
        }
    }
    Ok(())
}

fn shown(login: &str, user: &UserRow) -> String {
    let admin = user.is_admin.then(|| "admin".to_owned());
    let rooms = user.rooms.iter().map(|(room, right)| format!("{room}={}", right.as_str()));
    let rights: Vec<String> = admin.into_iter().chain(rooms).collect();
    let (id, name) = (user.id, &user.name);
    format!("{id}  {login}  {name}  {}", rights.join(",")).trim_end().to_owned()
}

/// The project named, or the oldest.
pub(crate) async fn chosen(store: &Store, project: Option<String>) -> Result<ProjectId, RunError> {
    let found = match project {
        Some(text) => store.project(id(&text, "--project")?).await?,
        None => store.first_project().await?,
    };
    found.map(|project| project.id).ok_or(RunError::NoProject)
}

/// What a store's word about one thing means: there is none.
pub(crate) fn missing(error: StoreError, what: &'static str) -> RunError {
    match error {
        StoreError::NotFound => RunError::Missing(what),
        other => other.into(),
    }
}

fn right(text: &str) -> Result<(String, RoomRight), RunError> {
    let parts = text.rsplit_once('=');
    let read = parts.and_then(|(room, right)| Some((room.to_owned(), RoomRight::parse(right)?)));
    read.ok_or_else(|| RunError::NotARight(text.to_owned()))
}

/// Not an argument: everybody on the machine may read those.
pub(crate) fn read_password() -> Result<String, RunError> {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    read.map_err(|error| RunError::File("standard input".into(), error))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.chars().count() < 8 {
        return Err(RunError::ShortPassword);
    }
    Ok(password.to_owned())
}

async fn list(project: &str, data: DataFlags) -> Result<(), RunError> {
    let project = id(project, "--project")?;
    for token in data.database().await?.api_tokens(project).await? {
        let state = if token.revoked_at_ms.is_some() { "revoked" } else { "valid" };
        answer(format_args!("{}  {}  {state}", token.id, token.scopes.join(",")))?;
    }
    Ok(())
}

pub(crate) fn id<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, RunError> {
    text.parse().map_err(|_| RunError::NotAnId(what))
}
