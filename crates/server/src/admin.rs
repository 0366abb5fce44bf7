//! `rotunda config`, `rotunda project`, `rotunda api-token`, `rotunda user`.

use crate::cli::{ApiTokenVerb, ConfigVerb, ProjectVerb, UserVerb};
use crate::config::print;
use crate::serve::{RunError, database};
use rotunda_domain::videochat::RoomRight;
use rotunda_hub::{RoomRights, UserRow, hash_password};
use std::path::Path;

/// Prints the configuration.
pub fn config(verb: ConfigVerb) -> Result<(), RunError> {
    let ConfigVerb::Print(flags) = verb;
    let layers = flags.into_layers(false)?;
    layers.config()?;
    print!("{}", print(&layers));
    Ok(())
}

/// Makes and lists projects.
pub async fn project(verb: ProjectVerb) -> Result<(), RunError> {
    match verb {
        ProjectVerb::Create { name, data_dir } => {
            let project = database(&data_dir).await?.create_project(None, &name).await?;
            println!("{}", project.id);
        }
        ProjectVerb::List { data_dir } => {
            for project in database(&data_dir).await?.projects().await? {
                println!("{}  {}", project.id, project.name);
            }
        }
    }
    Ok(())
}

/// Makes, lists and revokes API tokens.
pub async fn api_token(verb: ApiTokenVerb) -> Result<(), RunError> {
    match verb {
        ApiTokenVerb::Create { project, scope, data_dir } => {
            let project = id(&project, "--project")?;
            let made = database(&data_dir).await?.create_api_token(project, &scope).await?;
            println!("{}", made.secret);
            eprintln!("id {}; the secret above is not shown again", made.row.id);
        }
        ApiTokenVerb::List { project, data_dir } => list(&project, &data_dir).await?,
        ApiTokenVerb::Revoke { id: token, data_dir } => {
            let token: uuid::Uuid = id(&token, "the token's id")?;
            database(&data_dir).await?.revoke_api_token(token).await?;
        }
    }
    Ok(())
}

/// Keeps users.
pub async fn user(verb: UserVerb) -> Result<(), RunError> {
    let UserVerb::Add { project, login, name, admin, room, data_dir } = verb;
    let store = database(&data_dir).await?;
    let project = match project {
        Some(text) => id(&text, "--project")?,
        None => store.first_project().await?.ok_or(RunError::NoProject)?.id,
    };
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
    println!("{}", user.id);
    Ok(())
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

async fn list(project: &str, data_dir: &Path) -> Result<(), RunError> {
    let project = id(project, "--project")?;
    for token in database(data_dir).await?.api_tokens(project).await? {
        let state = if token.revoked_at_ms.is_some() { "revoked" } else { "valid" };
        println!("{}  {}  {state}", token.id, token.scopes.join(","));
    }
    Ok(())
}

pub(crate) fn id<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, RunError> {
    text.parse().map_err(|_| RunError::NotAnId(what))
}
