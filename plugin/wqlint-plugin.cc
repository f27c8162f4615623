/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plugin: arguments, version check, and one pass after the unit is in
 * SSA form and before anything is inlined. The pass reads; it changes no
 * GIMPLE, so that the generated code is the same as without the plugin.
 *
 * To debug: -fplugin-arg-wqlint-facts=DIR and `wqlint facts DIR/FILE`.
 */
#include "translate.h"

__attribute__((visibility("default"))) int plugin_is_GPL_compatible;

static struct wq_options {
	struct wq_selection selection;
	bool no_werror;
	bool lint_only;
	bool facts_in_object;
	bool serve;
	const char *facts_directory;	/* or NULL */
} options;

void
wq_keep_facts_in (const char *directory)
{
	options.facts_directory = directory;
}

/*
 * A lint-only compilation makes no code, and an object of it would be empty:
 * let the assembler say so. With -S -o /dev/null nobody reads it.
 */
static void
refuse_assembly (void)
{
	if (asm_out_file)
		fputs ("\t.error \"wqlint: lint-only makes no code; use "
		       "-S -o /dev/null\"\n", asm_out_file);
}

/* lint-only: did the pass stop the compilation, to be undone at the end? */
static bool stopped;

/*
 * Facts as a note: .discard.* is dropped by the kernel's linker scripts,
 * and objtool skips it. The text has no bytes that an assembler string
 * could not hold but quotes, backslashes and newlines.
 */
static void
write_note (struct wq_unit *unit)
{
	const char *text = wq_facts_text (unit->arena, unit), *line, *end;
	char *buffer = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream (&buffer, &bytes);

	if (!out)
		return;
	fputs ("\t.pushsection " WQ_FACTS_SECTION ",\"\",%progbits\n", out);
	for (line = text; *line; line = end + 1) {
		end = strchr (line, '\n');
		fputs ("\t.ascii \"", out);
		for (; line < end; line++) {
			if (*line == '"' || *line == '\\')
				putc ('\\', out);
			putc (*line, out);
		}
		fputs ("\\n\"\n", out);
	}
	fputs ("\t.popsection\n", out);
	fclose (out);
	symtab->finalize_toplevel_asm (build_string ((int) bytes, buffer));
	free (buffer);
}

/* One file per unit; the hash tells units of the same file name apart. */
static void
write_facts_file (struct wq_unit *unit)
{
	const char *key = wq_arena_printf (unit->arena, "%s:%s:%s:%s",
					   unit->directory ? unit->directory
							   : "",
					   unit->source,
					   unit->object ? unit->object : "",
					   unit->modname ? unit->modname : "");
	const char *path = wq_arena_printf (unit->arena, "%s/%s-%016llx.wqfacts",
					    options.facts_directory,
					    lbasename (unit->source),
					    (unsigned long long) wq_hash (key));
	int err = wq_facts_write_file (unit, path);

	if (err)
		error ("wqlint: cannot write %qs: %s", path, xstrerror (-err));
}

/* Comments in the source are looked for only where there is a finding. */
static void
silence (const struct wq_unit *unit, struct wq_sources *sources,
	 struct wq_findings *findings)
{
	struct wq_ignores *ignores;

	if (!findings->count)
		return;
	ignores = wq_ignores_new (sources, unit->directory);
	wq_ignores_apply (ignores, findings);
	wq_findings_drop_silenced (findings);
	wq_ignores_free (ignores);
}

static void
lint_unit (void)
{
	struct wq_unit *unit = wq_translate_unit ();
	struct wq_program *program = wq_program_new ();
	struct wq_findings *findings = wq_findings_new ();
	struct wq_sources *sources = wq_sources_new ();

	wq_unit_summarise (unit);
	wq_program_add (program, unit);
	program->sources = sources;
	wq_program_link (program);
	wq_rules_run (program, &options.selection, findings);
	silence (unit, sources, findings);
	wq_emit (findings, options.no_werror);
	if (options.facts_in_object)
		write_note (unit);
	if (options.facts_directory)
		write_facts_file (unit);
	wq_findings_free (findings);
	wq_program_free (program);
	wq_sources_free (sources);
	wq_unit_free (unit);
}

static const pass_data pass_data_wqlint = {
	SIMPLE_IPA_PASS, "wqlint", OPTGROUP_NONE, TV_NONE, PROP_ssa, 0, 0, 0, 0,
};

class pass_wqlint : public simple_ipa_opt_pass
{
public:
	pass_wqlint (gcc::context *ctxt)
		: simple_ipa_opt_pass (pass_data_wqlint, ctxt) {}

	bool gate (function *) final override { return !in_lto_p; }

	unsigned int execute (function *) final override
	{
		lint_unit ();
		/* GCC ends a unit with errors early, by its own rules. */
		if (options.lint_only && !stopped) {
			stopped = true;
			refuse_assembly ();
			errorcount++;
		}
		return 0;
	}
};

static void
finish (void *, void *)
{
	if (stopped)
		errorcount--;
	stopped = false;
	wq_serve_end ();
}

static bool
parse_rules (const char *name, const struct plugin_argument *argument,
	     unsigned long long *mask)
{
	struct wq_arena *arena;
	const char *unknown;

	if (!argument->value || !*argument->value) {
		error ("%<-fplugin-arg-%s-%s%> needs a list of rules", name,
		       argument->key);
		return false;
	}
	arena = wq_arena_new ();
	unknown = wq_selection_parse (arena, argument->value, mask);
	if (unknown)
		error ("%<-fplugin-arg-%s-%s%>: unknown rule %qs", name,
		       argument->key, unknown);
	wq_arena_free (arena);
	return !unknown;
}

static bool
parse_facts (const char *name, const struct plugin_argument *argument)
{
	if (!argument->value || !*argument->value) {
		error ("%<-fplugin-arg-%s-facts%> needs %<object%> or a "
		       "directory", name);
		return false;
	}
	if (!strcmp (argument->value, "object"))
		options.facts_in_object = true;
	else
		options.facts_directory = argument->value;
	return true;
}

static bool
parse_flag (const char *name, const struct plugin_argument *argument,
	    bool *flag)
{
	if (argument->value) {
		error ("%<-fplugin-arg-%s-%s%> takes no value", name,
		       argument->key);
		return false;
	}
	*flag = true;
	return true;
}

static bool
parse_argument (const char *name, const struct plugin_argument *argument)
{
	const char *key = argument->key;

	if (!strcmp (key, "ignore"))
		return parse_rules (name, argument, &options.selection.ignored);
	if (!strcmp (key, "types"))
		return parse_rules (name, argument, &options.selection.only);
	if (!strcmp (key, "strict"))
		return parse_flag (name, argument, &options.selection.strict);
	if (!strcmp (key, "no-werror"))
		return parse_flag (name, argument, &options.no_werror);
	if (!strcmp (key, "lint-only"))
		return parse_flag (name, argument, &options.lint_only);
	if (!strcmp (key, "facts"))
		return parse_facts (name, argument);
	if (!strcmp (key, "serve"))
		return parse_flag (name, argument, &options.serve);
	error ("unknown option %<-fplugin-arg-%s-%s%>", name, key);
	return false;
}

/* Does "12.2.0" begin with the major and minor numbers of "12.2.1"? */
static bool
same_minor (const char *a, const char *b)
{
	const char *dot = strchr (a, '.');
	size_t length = dot ? strcspn (dot + 1, ".") + (size_t) (dot + 1 - a)
			    : strlen (a);

	return !strncmp (a, b, length) && (!b[length] || b[length] == '.');
}

/* The machine that GCC was configured to compile for, or "". */
static const char *
configured_target (const struct plugin_gcc_version *version, int *length)
{
	static const char *const keys[] = {
		" --target=", " --host=", " --build="
	};
	const char *text = version->configuration_arguments, *found;
	size_t i;

	for (i = 0; text && i < sizeof (keys) / sizeof (keys[0]); i++) {
		found = strstr (text, keys[i]);
		if (!found)
			continue;
		found += strlen (keys[i]);
		*length = (int) strcspn (found, " ");
		return found;
	}
	*length = 0;
	return "";
}

/*
 * A plugin is built against one compiler's internals, which are of one
 * release and one machine. A rebuild of the same with other options is fine.
 */
static bool
check_version (struct plugin_gcc_version *version)
{
	int length, built_length;
	const char *target = configured_target (version, &length);
	const char *built = configured_target (&gcc_version, &built_length);

	if (plugin_default_version_check (version, &gcc_version))
		return true;
	if (!same_minor (version->basever, gcc_version.basever)) {
		error ("wqlint was built for gcc %s and cannot be loaded by "
		       "gcc %s; see %<wqlint plugin build%>",
		       gcc_version.basever, version->basever);
		return false;
	}
	if (length == built_length && !strncmp (target, built, length))
		return true;
	error ("wqlint was built for a gcc that compiles for %.*s and cannot "
	       "be loaded by one for %.*s; see %<wqlint plugin build%>",
	       built_length, built, length, target);
	return false;
}

static struct plugin_info information = {
	WQLINT_VERSION,
	"wqlint: lints users of workqueues.\n"
	"Arguments, as -fplugin-arg-wqlint-NAME[=VALUE]:\n"
	"  types=RULE,...     only these rules\n"
	"  ignore=RULE,...    not these rules\n"
	"  strict             also findings of level CHECK\n"
	"  no-werror          findings stay warnings under -Werror\n"
	"  lint-only          stop after linting, generate no code\n"
	"  facts=object|DIR   keep facts in the object or in a file of DIR\n"
	"  serve              serve wqlint's command where the source says so\n",
};

extern "C" __attribute__((visibility("default"))) int
plugin_init (struct plugin_name_args *arguments,
	     struct plugin_gcc_version *version)
{
	struct register_pass_info pass = {};
	int i;

	if (!check_version (version))
		return 1;
	for (i = 0; i < arguments->argc; i++)
		if (!parse_argument (arguments->base_name, &arguments->argv[i]))
			return 1;
	pass.pass = new pass_wqlint (g);
	pass.reference_pass_name = "build_ssa_passes";
	pass.ref_pass_instance_number = 1;
	pass.pos_op = PASS_POS_INSERT_AFTER;
	register_callback (arguments->base_name, PLUGIN_PASS_MANAGER_SETUP,
			   NULL, &pass);
	register_callback (arguments->base_name, PLUGIN_INFO, NULL,
			   &information);
	register_callback (arguments->base_name, PLUGIN_FINISH, finish, NULL);
	if (options.serve)
		wq_serve_begin (arguments->base_name);
	return 0;
}
