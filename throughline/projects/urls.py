"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from throughline.projects.pages import lists, paying, project, registering, working

PROJECT = "projects/<slug:key>/"

urlpatterns = [
    path("projects/", lists.projects, name="projects"),
    path("projects/export.<slug:form>", lists.projects_export, name="projects-export"),
    path("projects/new", registering.register_project, name="register-project"),
    path(PROJECT, project.project, name="project"),
    path(f"{PROJECT}amend", registering.amend_project, name="amend-project"),
    path(f"{PROJECT}phases", working.set_phases, name="set-phases"),
    path(f"{PROJECT}start", working.start_project, name="start-project"),
    path(f"{PROJECT}money", paying.record_funding, name="record-funding"),
    path(f"{PROJECT}contract", paying.sign_contract, name="sign-contract"),
    path(f"{PROJECT}progress", working.note_progress, name="note-progress"),
    path(f"{PROJECT}finish", working.finish_project, name="finish-project"),
    path(f"{PROJECT}cease", working.cease_project, name="cease-project"),
    path("contracts/<int:contract>/correct", paying.correct_contract, name="correct-contract"),
    path("pictures/<int:picture>", project.picture, name="project-picture"),
]
