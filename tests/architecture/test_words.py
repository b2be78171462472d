"""Messages that makemessages can collect, and that a translation can follow."""

import ast

from tests.architecture.sources import parsed, place, python_files

_MARKS = {
    # name -> which of its arguments are messages
    "_": (0,),
    "gettext": (0,),
    "gettext_lazy": (0,),
    "gettext_noop": (0,),
    "ngettext": (0, 1),
    "ngettext_lazy": (0, 1),
    "pgettext": (0, 1),
    "pgettext_lazy": (0, 1),
    "npgettext": (0, 1, 2),
}


def marked_messages():
    """(place, the message's node) of every call that marks one."""
    for path in python_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                for at in _MARKS.get(name, ()):
                    if at < len(node.args):
                        yield place(path, node.lineno), node.args[at]


def test_messages_are_whole_literals():
    """An f-string, a % inside the call or a variable is never found by makemessages."""
    wrong = [
        f'{where}: mark the literal, then fill it in: _("… %(name)s") % {{…}}'
        for where, message in marked_messages()
        if not (isinstance(message, ast.Constant) and isinstance(message.value, str))
        and not _marked_where_it_was_written(message)
    ]
    assert not wrong, wrong


def test_messages_are_not_hidden_in_f_strings():
    """What gathers the messages does not look into an f-string: nobody would translate the word."""
    hidden = [
        f"{place(path, call.lineno)}: mark it before the f-string"
        for path in python_files()
        for text in ast.walk(parsed(path))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name | ast.Attribute)
        and (call.func.id if isinstance(call.func, ast.Name) else call.func.attr) in _MARKS
    ]
    assert not hidden, hidden


def _marked_where_it_was_written(message: ast.expr) -> bool:
    """`_(broken.message)`: the pure rules mark their sentences, the door translates them."""
    return isinstance(message, ast.Attribute) and message.attr == "message"


def test_sentences_of_the_rules_are_marked():
    bare = [
        f"{place(path, node.lineno)}: gettext_noop(…)"
        for path in python_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "RuleBroken"
        and isinstance(node.args[1], ast.Constant | ast.JoinedStr | ast.BinOp)
    ]
    assert not bare, bare


def test_messages_name_their_places():
    """Two nameless places cannot change their order, and other languages must."""
    wrong = [
        where
        for where, message in marked_messages()
        if isinstance(message, ast.Constant)
        and message.value.replace("%%", "").count("%s") + message.value.count("{}") > 1
    ]
    assert not wrong, wrong


def test_there_are_messages_to_look_at():
    assert sum(1 for _ in marked_messages()) > 50
