"""Forms as data: fields, drafts, errors under their field. Imported when the first form opens.

    spec = FormSpec(
        "incident.new",                                    # names the draft; None keeps none
        N_("New incident"),
        [
            Text("title", N_("What happened"), required=True, limit=200, watch=similar),
            Choice("impact", N_("Impact"), Impact, required=True),
            Shown("priority", N_("Priority"), live=lambda values: Said("P2", "warning")),
            Moment("opened_at", N_("When"), default=clock.now),
        ],
        more=[Pick("owner", N_("Owner"), people), Area("detail", N_("Details"))],
    )
    result = await app.ask_form(spec, {"title": "", "version": 3}, save)

`spec.py` has the field kinds, `state.py` what an open form holds, `rows.py` and `fields.py` the widgets, `sheet.py`,
`keeping.py` and `screen.py` the screen, `questions.py` and `conflict.py` the other dialogs. How they are awaited
stands in `dutydesk.ui.dialogs`.
"""
