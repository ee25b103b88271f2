import { readDeployRoleSettings } from '../../bin/deploy-role-settings.ts';

const read = (context: Record<string, unknown>) => readDeployRoleSettings((name) => context[name]);

it.each(['octocat/my-repo', 'octocat@123456/my-repo@456789', 'a.b_c/d-e'])(
  'accepts the repository %s',
  (repository) => {
    expect(read({ repository })).toEqual({ repository, environments: ['dev', 'prod'], provider: true });
  },
);

it.each([undefined, '', 'octocat', 'octocat/*', '*/my-repo', 'a/b/c', 'a/b:ref', 'repo:a/b', 'a@x/b', 5])(
  'refuses the repository %j',
  (repository) => {
    expect(() => read({ repository })).toThrow('-c repository: must be owner/name or owner@id/name@id');
  },
);

it('reads the environments and whether to create the provider', () => {
  const repository = 'a/b';
  expect(read({ repository, environments: 'prod', provider: 'false' })).toEqual({
    repository,
    environments: ['prod'],
    provider: false,
  });
  for (const environments of ['', 'dev,', 'Prod', '*'])
    expect(() => read({ repository, environments })).toThrow('-c environments: must be 1 to 20 of a-z');
});
