import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const here = import.meta.dirname;

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      '**/build/**',
      '**/.svelte-kit/**',
      '**/paraglide/**',
      '.tools/**',
      '.data*/**',
      '.test-output/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['{shared,server,workers,tests}/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      globals: globals.node,
      parserOptions: { projectService: true, tsconfigRootDir: here },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // an async function without await is how a port with a promise in its type is met
      '@typescript-eslint/require-await': 'off',
      // our ports are objects of plain functions, made to be taken apart
      '@typescript-eslint/unbound-method': 'off',
      // tagged templates of numbers and ids are plain here
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  // the arrows of ARCHITECTURE.md that can be told from one import alone; the rest is in .dependency-cruiser.cjs
  {
    files: ['shared/src/domain/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'performance'],
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'now is an argument',
        },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'now is an argument' },
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'seed is an argument',
        },
      ],
    },
  },
  {
    files: ['web/src/**/*.ts', 'web/*.ts'],
    // svelte-check has the types of the web; here only what needs none, so that lint does not wait for a build
    extends: [tseslint.configs.recommended],
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['web/**/*.svelte', 'web/**/*.svelte.ts', 'web/**/*.svelte.js'],
    extends: [svelte.configs.recommended],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      // our routes are served at the root, without a base path to resolve
      'svelte/no-navigation-without-resolve': 'off',
      // what a page does not show needs no signal: plain collections are meant
      'svelte/prefer-svelte-reactivity': 'off',
      // the layout keeps a wanted space as {' '}
      'svelte/no-useless-mustaches': 'off',
    },
  },
  {
    files: ['tools/**/*.mjs', '*.js', '*.cjs'],
    languageOptions: { globals: globals.node },
    rules: { 'no-undef': 'error', 'no-unused-vars': 'error' },
  },
);
