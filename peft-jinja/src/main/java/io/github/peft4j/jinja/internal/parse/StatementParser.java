package io.github.peft4j.jinja.internal.parse;

import io.github.peft4j.jinja.internal.parse.Token.Kind;
import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.tree.Expression;
import io.github.peft4j.jinja.internal.tree.Expressions;
import io.github.peft4j.jinja.internal.tree.ForLoop;
import io.github.peft4j.jinja.internal.tree.Macro;
import io.github.peft4j.jinja.internal.tree.Statement;
import io.github.peft4j.jinja.internal.tree.Statements;
import io.github.peft4j.jinja.internal.tree.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads a template's text and tags. */
public final class StatementParser {

    private final TokenStream stream;
    private final ExpressionParser expressions;

    public StatementParser(TokenStream stream) {
        this.stream = stream;
        this.expressions = new ExpressionParser(stream);
    }

    public List<Statement> template() {
        List<Statement> body = body(List.of());
        if (stream.current().kind() != Kind.END) {
            throw stream.error("nothing is open that '" + stream.current().text() + "' could end or continue");
        }
        return body;
    }

    /** Statements up to a tag with one of these names, which stays unread. */
    private List<Statement> body(List<String> ends) {
        stream.enter();
        List<Statement> body = new ArrayList<>();
        while (stream.current().kind() != Kind.END) {
            Token token = stream.next();
            if (token.kind() == Kind.DATA) {
                body.add(new Statements.Data(token.text()));
            } else if (token.kind() == Kind.OUTPUT_BEGIN) {
                body.add(new Statements.Output(expressions.tuple(true), token.line()));
                stream.expect(Kind.OUTPUT_END, "'}}'");
            } else if (isEnd(ends)) {
                stream.leave();
                return body;
            } else {
                body.add(statement());
                stream.expect(Kind.BLOCK_END, "'%}'");
            }
        }
        if (!ends.isEmpty()) {
            throw stream.unexpected("a tag '" + String.join("' or '", ends) + "'");
        }
        stream.leave();
        return body;
    }

    private boolean isEnd(List<String> ends) {
        return stream.current().kind() == Kind.NAME
                && ends.contains(stream.current().text());
    }

    /** The end of the tag that began a block, and the block's statements. */
    private List<Statement> block(String... ends) {
        stream.skipOperator(":");
        stream.expect(Kind.BLOCK_END, "'%}'");
        return body(List.of(ends));
    }

    private List<Statement> closedBlock(String end) {
        List<Statement> body = block(end);
        stream.next();
        return body;
    }

    private Statement statement() {
        Token tag = stream.expect(Kind.NAME, "the name of a tag");
        return switch (tag.text()) {
            case "if" -> branches(tag.line());
            case "for" -> loop(tag.line());
            case "set" -> set(tag.line());
            case "macro" -> macro();
            case "call" -> call();
            case "filter" -> filter(tag.line());
            case "with" -> with(tag.line());
            case "generation" -> new Statements.Generation(closedBlock("endgeneration"));
            case "break" -> new Statements.Jump(Statement.Flow.BREAK);
            case "continue" -> new Statements.Jump(Statement.Flow.CONTINUE);
            default ->
                throw new TemplateException("the tag " + TemplateException.shown(tag.text())
                                + " is not known or out of place in a chat template")
                        .at(tag.line());
        };
    }

    private Statement branches(int line) {
        List<Statements.Branch> branches = new ArrayList<>();
        int at = line;
        while (true) {
            Expression condition = expressions.tuple(false);
            branches.add(new Statements.Branch(condition, block("elif", "else", "endif"), at));
            Token next = stream.next();
            at = next.line();
            if (next.isName("else")) {
                branches.add(new Statements.Branch(null, closedBlock("endif"), at));
                break;
            } else if (next.isName("endif")) {
                break;
            }
        }
        return new Statements.If(branches);
    }

    private Statement loop(int line) {
        Target target = target(false);
        if (!stream.skipName("in")) {
            throw stream.unexpected("'in'");
        }
        Expression items = expressions.tuple(false);
        Expression condition = stream.skipName("if") ? expressions.expression() : null;
        boolean recursive = stream.skipName("recursive");
        List<Statement> body = block("endfor", "else");
        List<Statement> otherwise = stream.next().isName("else") ? closedBlock("endfor") : List.of();
        return new ForLoop(target, items, condition, recursive, body, otherwise, line);
    }

    private Statement set(int line) {
        Target target = target(true);
        if (stream.skipOperator("=")) {
            return new Statements.Set(target, expressions.tuple(true), line);
        }
        List<Expressions.FilterUse> filters = filters();
        return new Statements.Captured(target, closedBlock("endset"), filters, line);
    }

    private List<Expressions.FilterUse> filters() {
        List<Expressions.FilterUse> filters = new ArrayList<>();
        while (stream.skipOperator("|")) {
            filters.add(expressions.filter());
        }
        return filters;
    }

    private Statement filter(int line) {
        List<Expressions.FilterUse> filters = new ArrayList<>();
        filters.add(expressions.filter());
        filters.addAll(filters());
        return new Statements.Captured(null, closedBlock("endfilter"), filters, line);
    }

    private Statement with(int line) {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (stream.current().kind() != Kind.BLOCK_END) {
            if (!targets.isEmpty()) {
                stream.expectOperator(",");
            }
            targets.add(single(false));
            stream.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statements.With(targets, values, closedBlock("endwith"), line);
    }

    private Target target(boolean mayBeMember) {
        List<Target> targets = new ArrayList<>();
        boolean comma;
        do {
            targets.add(single(mayBeMember));
            comma = stream.skipOperator(",");
        } while (comma
                && (stream.current().kind() == Kind.NAME || stream.current().isOperator("(")));
        return targets.size() == 1 && !comma ? targets.get(0) : new Target.Several(targets);
    }

    private Target single(boolean mayBeMember) {
        if (stream.skipOperator("(")) {
            stream.enter();
            Target inner = target(mayBeMember);
            stream.leave();
            stream.expectOperator(")");
            return inner;
        }
        String name = name();
        return mayBeMember && stream.skipOperator(".")
                ? new Target.Member(
                        name, stream.expect(Kind.NAME, "a name after the dot").text())
                : new Target.Variable(name);
    }

    private String name() {
        Token token = stream.expect(Kind.NAME, "the name of a variable");
        if (List.of("true", "false", "none", "True", "False", "None", "in", "if", "else")
                .contains(token.text())) {
            throw stream.error("'" + token.text() + "' cannot be assigned to");
        }
        return token.text();
    }

    private Statement macro() {
        String name = name();
        return new Macro.Definition(macro(name, "endmacro"));
    }

    private Macro macro(String name, String end) {
        Set<String> before = stream.collectNames();
        Signature signature = signature();
        List<Statement> body = closedBlock(end);
        return new Macro(name, signature.parameters(), signature.defaults(), body, stream.collected(before));
    }

    private Statement call() {
        Set<String> before = stream.collectNames();
        Signature signature = stream.current().isOperator("(") ? signature() : new Signature(List.of(), List.of());
        if (!(expressions.expression() instanceof Expressions.Call called)) {
            throw stream.error("the tag 'call' needs the call of a macro");
        }
        List<Statement> body = closedBlock("endcall");
        Macro caller =
                new Macro("caller", signature.parameters(), signature.defaults(), body, stream.collected(before));
        return new Macro.CallBlock(caller, called);
    }

    /** A macro's parameters. */
    private record Signature(List<String> parameters, List<Expression> defaults) {}

    private Signature signature() {
        stream.expectOperator("(");
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        while (!stream.skipOperator(")")) {
            if (!parameters.isEmpty()) {
                stream.expectOperator(",");
            }
            parameters.add(name());
            if (stream.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw stream.error("a parameter without a default stands after one with a default");
            }
        }
        return new Signature(parameters, defaults);
    }
}
